import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Clients } from '../aws/clients.ts';
import { Deadline } from '../engine/deadline.ts';
import { type Outcome, type RunInSlot, runBatch } from '../engine/run-batch.ts';
import { AFTER_ALL_OTHERS, type Verdict } from '../engine/verdict.ts';
import type { Environment } from '../env.ts';
import { classify } from '../failures/classify.ts';
import { InvalidJob, TransientError } from '../failures/errors.ts';
import type { AnyJobType } from '../job.ts';
import { Ledger, leaseEnd } from '../ledger/dynamodb/ledger.ts';
import { Statements } from '../ledger/dynamodb/statements.ts';
import { LedgerTable } from '../ledger/dynamodb/table.ts';
import { ownerNames } from '../ledger/record.ts';
import { verdictOf } from '../middleware/record/classification.ts';
import type { RecordContext } from '../middleware/record/context.ts';
import { type Message, readMessage } from '../queues/message.ts';
import { firstHistory, type History, type Received } from '../queues/redelivery.ts';
import { QueueRequests } from '../queues/requests.ts';
import { readReturned } from '../queues/returned.ts';
import { settle } from '../queues/settlement.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Report } from '../telemetry/report.ts';
import { type RecordChain, recordChain } from './record.ts';

export interface WorkerOptions {
  readonly environment: Environment;
  readonly clients: Clients;
  /** Every job type this worker runs, by name, with the settings it read at cold start. */
  readonly jobs: ReadonlyMap<string, { readonly type: AnyJobType; readonly settings: unknown }>;
  readonly log: Logger;
  /** Makes what suspects run in, for one invocation; without it they run in this process, alone. */
  readonly createSandbox?: () => Sandbox;
  /** Milliseconds since the epoch, for what is written down. */
  readonly now?: () => number;
  /** Milliseconds on a clock that is never set, for the invocation's deadline. */
  readonly monotonic?: () => number;
}

/** One element per record, as `@middy/sqs-partial-batch-failure` reads them. */
export type Settled = { readonly status: 'fulfilled' } | { readonly status: 'rejected'; readonly reason: unknown };

/** Processes a batch and says of each record whether it may be deleted. Rejects only where nothing at all could be done. */
export type Worker = (event: SQSEvent, context: Context & { readonly report: Report }) => Promise<Settled[]>;

interface Work extends Received {
  readonly kind: Kind | undefined;
  readonly key: string | undefined;
  /** Grows while the work is done: what the ledger knows of earlier deliveries. */
  history: History;
}

interface Kind {
  readonly type: AnyJobType;
  readonly chain: RecordChain;
  readonly lastRun: number;
}

/** Messages that a log line names as examples. */
const EXAMPLES = 5;

/** Builds what can be built once per cold start; the rest lives as long as its invocation. */
export function createWorker({
  environment,
  clients,
  jobs,
  log,
  createSandbox,
  now = Date.now,
  monotonic = () => performance.now(),
}: WorkerOptions): Worker {
  const { maxReceiveCount } = environment;
  const visibilityMs = environment.visibilityTimeout * 1000;
  const statements = new Statements(environment.tableName);
  const kinds = new Map<string, Kind>();
  for (const [name, { type, settings }] of jobs) {
    const lastRun = Math.min(type.retry.attempts, maxReceiveCount);
    kinds.set(name, { type, chain: recordChain(type, settings), lastRun });
  }
  const trace =
    environment.logLevel === 'DEBUG'
      ? (action: string, details: object) => log.debug(action, { status: 'success', details })
      : undefined;
  const known = [...kinds.keys()].join(', ');

  return async (event, context) => {
    const { report } = context;
    const remainingMs = context.getRemainingTimeInMillis();
    const deadline = new Deadline(remainingMs, monotonic);
    const table = new LedgerTable(clients.dynamodb, environment.tableName);
    const leaseUntil = leaseEnd(now(), remainingMs);
    const ledger = new Ledger({ table, statements, leaseUntil, resultTtlDays: environment.resultTtlDays, now });
    const requests = new QueueRequests(clients.sqs);
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
    const nextOwner = ownerNames();
    const sandbox = createSandbox?.();

    const process = async (
      work: Work,
      runInSlot: RunInSlot,
      isAlone: boolean,
    ): Promise<Verdict | typeof AFTER_ALL_OTHERS> => {
      const { kind, invalid, job } = work;
      if (!kind) {
        const error = invalid ?? new InvalidJob(`there is no job type "${work.type}"; this worker runs ${known}`);
        return { kind: 'dead', runs: 1, failure: classify(error, now()) };
      }
      const recordContext: RecordContext = {
        message: work,
        lastRun: kind.lastRun,
        maxReceiveCount,
        visibilityMs,
        history: work.history,
        isAlone,
        sandbox,
        ledger,
        runInSlot,
        nextOwner,
        log,
        trace,
        report,
        now,
      };
      const verdict = await kind.chain(job, recordContext);
      work.history = recordContext.history;
      if (verdict === AFTER_ALL_OTHERS) sandbox?.prepare();
      return verdict;
    };

    const lastWord = (work: Work, error?: unknown): Verdict => {
      report.unfinished += 1;
      return verdictOf(error ?? new TransientError('the job had reached no verdict when the answer was due'), {
        receiveCount: work.receiveCount,
        runs: work.history.runs + 1,
        lastRun: work.kind?.lastRun ?? maxReceiveCount,
        retry: work.kind?.type.retry ?? { baseMs: 1_000, capMs: 60_000, attempts: maxReceiveCount },
        now: now(),
        random: Math.random(),
      });
    };

    const works = hardestTriedFirst(event.Records.map((record) => toWork(record, kinds, now())));
    const outcomes = await runBatch(works, {
      concurrency: environment.concurrency,
      deadline,
      laneOf: ({ key }) => key,
      timeLimitOf: ({ kind }) => kind?.type.timeLimitMs ?? 0,
      process,
      lastWord,
      settle: (work, verdict) => settle(work, verdict, work.history, settlement),
      // A result that is stored must not come back with its last receive used up.
      beforeAlone: async (acknowledged) => {
        const deletions = acknowledged.map(({ record }) => deleteMessage(record.receiptHandle));
        requests.flush();
        await Promise.allSettled(deletions);
      },
      onStoresEnd: () => table.close(),
      onIdle: () => {
        table.flush();
        requests.flush();
      },
    });
    sandbox?.close();
    table.close();
    requests.close();
    report.errors.ledgerCheck += table.errors.check;
    report.errors.ledgerSave += table.errors.save;
    return inRecordOrder(event, works, outcomes, report, log);
  };
}

function toWork(record: SQSRecord, kinds: ReadonlyMap<string, Kind>, now: number): Work {
  const message = readMessage(record);
  const kind = message.invalid ? undefined : kinds.get(message.type);
  const returned = readReturned(record, now);
  const history = firstHistory({ record, returned });
  return { ...message, kind, key: kind && keyOf(kind.type, message), returned, history };
}

/** Two messages of one key run one after the other, so that the second finds the first's result. */
function keyOf(type: AnyJobType, { job }: Message): string | undefined {
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
