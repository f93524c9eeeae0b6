import type { Logger } from '@aws-lambda-powertools/logger';
import type { SQSEvent } from 'aws-lambda';
import { payloads } from '#payloads';
import type { Clients } from '../aws/clients.ts';
import type { RunInSlot } from '../engine/batch-options.ts';
import { Deadline } from '../engine/deadline.ts';
import { Destinations } from '../engine/destinations.ts';
import { runBatch } from '../engine/run-batch.ts';
import { AFTER_ALL_OTHERS, type Verdict } from '../engine/verdict.ts';
import type { Environment } from '../env.ts';
import { classify } from '../failures/classify.ts';
import { TransientError } from '../failures/errors.ts';
import { Ledger, leaseEnd } from '../ledger/ledger.ts';
import { type HandOver, ownerNames } from '../ledger/record.ts';
import type { LedgerStore, StoreSession } from '../ledger/store.ts';
import type { BatchContext } from '../middleware/batch/context.ts';
import { verdictOf } from '../middleware/record/classification.ts';
import type { InvocationContext, RecordContext } from '../middleware/record/context.ts';
import { HandOvers } from '../queues/hand-over.ts';
import { unknownType } from '../queues/parse-job.ts';
import type { QueueOfInvocation } from '../queues/queue-strategy.ts';
import { QueueRequests } from '../queues/requests.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Trace } from '../telemetry/log.ts';
import { answerTo, type Settled } from './answer.ts';
import type { Clock } from './clock.ts';
import { sourceOf } from './source.ts';
import { isBehind, type Reading, type Work, worksOf } from './works.ts';

/** The parts that all invocations of a process share. */
export interface Shared extends Reading {
  readonly environment: Environment;
  readonly store: LedgerStore;
  readonly sqs: Clients['sqs'];
  readonly log: Logger;
  readonly trace: Trace;
  /** Makes the sandbox of one invocation. Without it, suspects run in this process, alone. */
  readonly createSandbox: (() => Sandbox) | undefined;
  readonly clock: Clock;
}

/** One invocation and its batch. Everything that lives no longer than the invocation is made here. */
export class Invocation {
  readonly #shared: Shared;
  readonly #event: SQSEvent;
  readonly #deadline: Deadline;
  readonly #records: StoreSession;
  readonly #requests: QueueRequests;
  readonly #deleteMessage: (receiptHandle: string) => Promise<void>;
  readonly #queue: QueueOfInvocation;
  readonly #handOvers: HandOvers;
  readonly #sandbox: Sandbox | undefined;
  readonly #context: InvocationContext;

  constructor(shared: Shared, event: SQSEvent, context: BatchContext) {
    const { clock, createSandbox, environment, log, sqs, store, strategy, trace } = shared;
    const { deadLetterQueueUrl, maxReceiveCount, nextQueueUrl, resultTtlDays } = environment;
    const { queueUrl, retryQueueUrl, delayMs } = sourceOf(event.Records, environment);
    const { now } = clock;
    const { report } = context;
    const remainingMs = context.getRemainingTimeInMillis();
    const visibilityMs = environment.visibilityTimeout * 1000;
    this.#shared = shared;
    this.#event = event;
    this.#deadline = new Deadline(remainingMs, clock.monotonic);
    this.#records = store.open();
    this.#requests = new QueueRequests(sqs);
    this.#deleteMessage = this.#requests.deletion(queueUrl);
    this.#sandbox = createSandbox?.();
    this.#queue = {
      ...{ maxReceiveCount, visibilityMs, delayMs, worker: context, log, trace, report, now },
      sendToDeadLetters: this.#requests.sender(deadLetterQueueUrl),
      sendToOwnQueue: this.#requests.sender(queueUrl),
      sendToRetryQueue: retryQueueUrl === undefined ? undefined : this.#requests.sender(retryQueueUrl),
      changeVisibility: this.#requests.visibility(queueUrl),
      deleteMessage: this.#deleteMessage,
      records: this.#records,
    };
    const ledger = new Ledger({ store: this.#records, leaseUntil: leaseEnd(now(), remainingMs), resultTtlDays, now });
    this.#handOvers = new HandOvers({
      ...{ ledger, log, trace, report },
      sendToNext: nextQueueUrl ? this.#requests.sender(nextQueueUrl) : undefined,
    });
    this.#context = {
      ...context,
      ...{ lambda: context, visibilityMs, log, trace, report, now },
      maxReceiveCount: strategy.keepsOrder ? Number.POSITIVE_INFINITY : maxReceiveCount,
      leastWaitMs: strategy.leastWaitMs,
      sandbox: this.#sandbox,
      ledger,
      nextOwner: ownerNames(),
      destinations: new Destinations(),
    };
  }

  /** Processes the batch. Returns for each record whether it may be deleted. */
  async run(): Promise<Settled[]> {
    const { clock, environment, log, strategy } = this.#shared;
    const event = this.#event;
    const works = worksOf(event.Records, this.#shared, clock.now());
    const outcomes = await (payloads ? payloads.runBatchOf(this.#shared) : runBatch)(works, {
      concurrency: environment.concurrency,
      deadline: this.#deadline,
      laneOf: ({ lane }) => lane,
      afterFailure: strategy.afterFailure,
      timeLimitOf: ({ known }) => known?.type.timeLimitMs ?? 0,
      process: (work, runInSlot, isAlone) => this.#process(work, runInSlot, isAlone),
      lastWord: (work, error) => this.#lastWord(work, error),
      settle: (work, verdict) =>
        work.handOver === undefined
          ? this.#settle(work, verdict)
          : this.#settleAfterHandOver(work, work.handOver, verdict),
      beforeAlone: (acknowledged) => this.#deleteNow(acknowledged),
      onStoresEnd: () => this.#records.close(),
      onIdle: () => {
        this.#records.flush();
        this.#requests.flush();
      },
    });
    this.#close();
    return answerTo(event, works, outcomes, this.#context.report, log);
  }

  async #process(work: Work, runInSlot: RunInSlot, isAlone: boolean): Promise<Verdict | typeof AFTER_ALL_OTHERS> {
    const { known, invalid, job } = work;
    const early = await this.#takeUp(work);
    if (early) return early;
    if (!known) {
      const error = invalid ?? unknownType(work.type, this.#shared.types.keys());
      return { kind: 'dead', runs: 1, failure: classify(error, this.#context.now()) };
    }
    const { history } = work;
    const { lastRun } = known;
    const { keepsOrder } = this.#shared.strategy;
    const inGroup = keepsOrder ? { isBehind: isBehind(work), startsAnew: work.startsAnew === true } : undefined;
    const context: RecordContext = { ...this.#context, message: work, lastRun, history, isAlone, runInSlot, inGroup };
    const verdict = await known.chain(job, context);
    work.history = context.history;
    if (context.handOver) work.handOver = context.handOver;
    if (verdict === AFTER_ALL_OTHERS) this.#sandbox?.prepare();
    return verdict;
  }

  /** What comes next is sent before the message is acknowledged. Where it is not, the message comes back. */
  async #settleAfterHandOver(work: Work, handOver: HandOver, verdict: Verdict): Promise<boolean> {
    const isDone = verdict.kind === 'done' || verdict.kind === 'duplicate';
    const failure = isDone ? await this.#handOvers.send(work.record, handOver) : undefined;
    return await this.#settle(work, failure ? this.#verdictOn(work, failure) : verdict);
  }

  #settle(work: Work, verdict: Verdict): Promise<boolean> {
    work.verdict = verdict.kind;
    return this.#shared.strategy.settle(work, verdict, work.history, this.#queue);
  }

  /** Asks the queue whether the message may run: once, although what runs alone is processed twice. */
  async #takeUp(work: Work): Promise<Verdict | undefined> {
    const { takeUp } = this.#shared.strategy;
    if (!takeUp || work.startsAnew !== undefined) return undefined;
    try {
      const answer = await takeUp(work, this.#queue);
      work.startsAnew = answer === 'anew';
      return typeof answer === 'object' ? answer : undefined;
    } catch (error) {
      return this.#verdictOn(work, error);
    }
  }

  #lastWord(work: Work, error?: unknown): Verdict {
    this.#context.report.unfinished += 1;
    return this.#verdictOn(work, error ?? new TransientError('the job had reached no verdict when the answer was due'));
  }

  #verdictOn({ history, known, receiveCount }: Work, error: unknown): Verdict {
    const { leastWaitMs, now } = this.#context;
    const { maxReceiveCount } = this.#shared.environment;
    const runs = history.runs + 1;
    return verdictOf(error, {
      receiveCount,
      runs,
      leastWaitMs: leastWaitMs?.(runs),
      lastRun: known?.lastRun ?? maxReceiveCount,
      retry: known?.type.retry ?? { baseMs: 1_000, capMs: 60_000, attempts: maxReceiveCount },
      now: now(),
      random: Math.random(),
    });
  }

  /**
   * Deletes acknowledged messages before suspects run, because a suspect may end the process. Otherwise a message whose
   * result is stored would come back, and could go to the DLQ because its receives are used up.
   */
  async #deleteNow(acknowledged: readonly Work[]): Promise<void> {
    const deletions = acknowledged.map(({ record }) => this.#deleteMessage(record.receiptHandle));
    this.#requests.flush();
    await Promise.allSettled(deletions);
  }

  #close(): void {
    const { errors } = this.#context.report;
    this.#sandbox?.close();
    this.#records.close();
    this.#requests.close();
    errors.ledgerCheck += this.#records.errors.check;
    errors.ledgerSave += this.#records.errors.save;
  }
}
