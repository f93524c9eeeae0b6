import type { Logger } from '@aws-lambda-powertools/logger';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import type { Clients } from '../aws/clients.ts';
import { Deadline } from '../engine/deadline.ts';
import { Destinations } from '../engine/destinations.ts';
import { type Outcome, type RunInSlot, runBatch } from '../engine/run-batch.ts';
import { AFTER_ALL_OTHERS, type Verdict } from '../engine/verdict.ts';
import type { Environment } from '../env.ts';
import { classify } from '../failures/classify.ts';
import { TransientError } from '../failures/errors.ts';
import type { AnyJobType } from '../job.ts';
import { Ledger, leaseEnd } from '../ledger/ledger.ts';
import { ownerNames } from '../ledger/record.ts';
import type { LedgerStore } from '../ledger/store.ts';
import type { BatchContext } from '../middleware/batch/context.ts';
import { verdictOf } from '../middleware/record/classification.ts';
import type { InvocationContext, RecordContext } from '../middleware/record/context.ts';
import { type Message, readMessage } from '../queues/message.ts';
import { unknownType } from '../queues/parse-job.ts';
import { firstHistory, type History, type Received } from '../queues/redelivery.ts';
import { QueueRequests } from '../queues/requests.ts';
import { readReturned } from '../queues/returned.ts';
import { settle } from '../queues/settlement.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Report } from '../telemetry/report.ts';
import type { ConfiguredJobs } from './configured-jobs.ts';
import { type RecordChain, recordChain } from './record.ts';

/** What time it is. */
export interface Clock {
  /** Milliseconds since the epoch, for what is written down. */
  now(): number;
  /** Milliseconds on a clock that is never set, for the invocation's deadline. */
  monotonic(): number;
}

export const SYSTEM_CLOCK: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

export interface WorkerOptions {
  readonly environment: Environment;
  readonly store: LedgerStore;
  /** Called by the first request: a batch in which nothing fails needs no SQS. */
  readonly sqs: Clients['sqs'];
  readonly jobs: ConfiguredJobs;
  readonly log: Logger;
  /** Makes what suspects run in, for one invocation; without it they run in this process, alone. */
  readonly createSandbox?: (() => Sandbox) | undefined;
  readonly clock?: Clock;
}

/** One element per record, as `@middy/sqs-partial-batch-failure` reads them. */
export type Settled = { readonly status: 'fulfilled' } | { readonly status: 'rejected'; readonly reason: unknown };

/** Processes a batch and says of each record whether it may be deleted. Rejects only where nothing at all could be done. */
export type Worker = (event: SQSEvent, context: BatchContext) => Promise<Settled[]>;

interface Work extends Received {
  readonly known: KnownType | undefined;
  readonly lane: string | undefined;
  /** Grows while the work is done: what the ledger knows of earlier deliveries. */
  history: History;
}

/** A job type that this worker runs. */
interface KnownType {
  readonly type: AnyJobType;
  readonly chain: RecordChain;
  readonly lastRun: number;
}

/** Messages that a log line names as examples. */
const EXAMPLES = 5;

/** Builds what can be built once per cold start; the rest lives as long as its invocation. */
export function createWorker({
  environment,
  store,
  sqs,
  jobs,
  log,
  createSandbox,
  clock = SYSTEM_CLOCK,
}: WorkerOptions): Worker {
  const { maxReceiveCount } = environment;
  const visibilityMs = environment.visibilityTimeout * 1000;
  const types = new Map<string, KnownType>();
  for (const [name, job] of jobs) {
    const lastRun = Math.min(job.type.retry.attempts, maxReceiveCount);
    types.set(name, { type: job.type, chain: recordChain(job), lastRun });
  }
  const trace =
    environment.logLevel === 'DEBUG'
      ? (action: string, details: object) => log.debug(action, { status: 'success', details })
      : undefined;
  const { now } = clock;

  return async (event, context) => {
    const { report } = context;
    const remainingMs = context.getRemainingTimeInMillis();
    const deadline = new Deadline(remainingMs, clock.monotonic);
    const records = store.open();
    const leaseUntil = leaseEnd(now(), remainingMs);
    const ledger = new Ledger({ store: records, leaseUntil, resultTtlDays: environment.resultTtlDays, now });
    const requests = new QueueRequests(sqs);
    const deleteMessage = requests.deletion(environment.queueUrl);
    const settlement = {
      maxReceiveCount,
      visibilityMs,
      worker: context,
      sendToDeadLetters: requests.sender(environment.deadLetterQueueUrl),
      sendToOwnQueue: requests.sender(environment.queueUrl),
      changeVisibility: requests.visibility(environment.queueUrl),
      log,
      trace,
      report,
      now,
    };
    const sandbox = createSandbox?.();
    const invocation: InvocationContext = {
      ...context,
      lambda: context,
      maxReceiveCount,
      visibilityMs,
      ledger,
      sandbox,
      nextOwner: ownerNames(),
      destinations: new Destinations(),
      log,
      trace,
      report,
      now,
    };

    const process = async (
      work: Work,
      runInSlot: RunInSlot,
      isAlone: boolean,
    ): Promise<Verdict | typeof AFTER_ALL_OTHERS> => {
      const { known, invalid, job } = work;
      if (!known) {
        const error = invalid ?? unknownType(work.type, types.keys());
        return { kind: 'dead', runs: 1, failure: classify(error, now()) };
      }
      const recordContext: RecordContext = {
        ...invocation,
        message: work,
        lastRun: known.lastRun,
        history: work.history,
        isAlone,
        runInSlot,
      };
      const verdict = await known.chain(job, recordContext);
      work.history = recordContext.history;
      if (verdict === AFTER_ALL_OTHERS) sandbox?.prepare();
      return verdict;
    };

    const lastWord = (work: Work, error?: unknown): Verdict => {
      report.unfinished += 1;
      return verdictOf(error ?? new TransientError('the job had reached no verdict when the answer was due'), {
        receiveCount: work.receiveCount,
        runs: work.history.runs + 1,
        lastRun: work.known?.lastRun ?? maxReceiveCount,
        retry: work.known?.type.retry ?? { baseMs: 1_000, capMs: 60_000, attempts: maxReceiveCount },
        now: now(),
        random: Math.random(),
      });
    };

    const works = hardestTriedFirst(
      event.Records.map((record) => toWork(record, types, environment.defaultType, now())),
    );
    const outcomes = await runBatch(works, {
      concurrency: environment.concurrency,
      deadline,
      laneOf: ({ lane }) => lane,
      timeLimitOf: ({ known }) => known?.type.timeLimitMs ?? 0,
      process,
      lastWord,
      settle: (work, verdict) => settle(work, verdict, work.history, settlement),
      // A result that is stored must not come back with its last receive used up.
      beforeAlone: async (acknowledged) => {
        const deletions = acknowledged.map(({ record }) => deleteMessage(record.receiptHandle));
        requests.flush();
        await Promise.allSettled(deletions);
      },
      onStoresEnd: () => records.close(),
      onIdle: () => {
        records.flush();
        requests.flush();
      },
    });
    sandbox?.close();
    records.close();
    requests.close();
    report.errors.ledgerCheck += records.errors.check;
    report.errors.ledgerSave += records.errors.save;
    return inRecordOrder(event, works, outcomes, report, log);
  };
}

function toWork(
  record: SQSRecord,
  types: ReadonlyMap<string, KnownType>,
  defaultType: string | undefined,
  now: number,
): Work {
  const message = readMessage(record, defaultType);
  const known = message.invalid ? undefined : types.get(message.type);
  const returned = readReturned(record, now);
  const history = firstHistory({ record, returned });
  return { ...message, known, lane: known && laneOf(known.type, message), returned, history };
}

/** Two messages of one key run one after the other, so that the second finds the first's result. */
function laneOf(type: AnyJobType, { job }: Message): string | undefined {
  try {
    const key: unknown = type.key(job);
    return typeof key === 'string' ? key : undefined;
  } catch {
    // The job is not validated yet.
    return undefined;
  }
}

/** A message that was received before and not started must not be starved until SQS gives up on it. */
function hardestTriedFirst(works: Work[]): Work[] {
  return works.some(({ receiveCount }) => receiveCount > 1)
    ? works.sort((a, b) => b.receiveCount - a.receiveCount)
    : works;
}

function inRecordOrder(
  event: SQSEvent,
  works: readonly Work[],
  outcomes: readonly Outcome[],
  report: Report,
  log: Logger,
): Settled[] {
  const byRecord = new Map<object, Settled>();
  const unsettled: { messageId: string; error: unknown }[] = [];
  for (const [i, { record }] of works.entries()) {
    const { acknowledged, verdict, error } = outcomes[i] as Outcome;
    if (acknowledged) report.acknowledged += 1;
    else if (error !== undefined) unsettled.push({ messageId: record.messageId, error });
    byRecord.set(record, acknowledged ? { status: 'fulfilled' } : { status: 'rejected', reason: verdict.kind });
  }
  if (report.unfinished + unsettled.length > 0) sayUnfinished(report, unsettled, log);
  return event.Records.map((record) => byRecord.get(record) ?? { status: 'rejected', reason: 'no outcome' });
}

/** One line, however many they are: there is no time left for more. */
function sayUnfinished(report: Report, unsettled: readonly { messageId: string; error: unknown }[], log: Logger): void {
  const examples = unsettled
    .slice(0, EXAMPLES)
    .map(({ messageId, error }) => ({ messageId, error: classify(error, 0).message }));
  log.error('jobs_unfinished', {
    details: { withoutVerdict: report.unfinished, notSettled: unsettled.length, examples },
  });
  report.unfinished += unsettled.length;
}
