import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSEvent } from 'aws-lambda';
import { classify } from './classification.ts';
import type { Clients } from './clients.ts';
import { Deadline } from './engine/deadline.ts';
import { type Outcome, type RunInSlot, runBatch } from './engine/run-batch.ts';
import type { Verdict } from './engine/verdict.ts';
import type { Environment } from './env.ts';
import { InvalidJob } from './errors.ts';
import type { AnyJobType } from './job.ts';
import { Ledger, leaseEnd } from './ledger/ledger.ts';
import { ownerNames } from './ledger/record.ts';
import { Statements } from './ledger/statements.ts';
import { LedgerTable } from './ledger/table.ts';
import { type Message, readMessage } from './message.ts';
import { QueueRequests } from './queues/requests.ts';
import { settle } from './queues/settlement.ts';
import { type RecordChain, recordChain } from './record-chain.ts';
import type { RecordContext } from './record-context.ts';
import type { Report } from './report.ts';

export interface WorkerOptions {
  readonly environment: Environment;
  readonly clients: Clients;
  /** Every job type this worker runs, by name, with the settings it read at cold start. */
  readonly jobs: ReadonlyMap<string, { readonly type: AnyJobType; readonly settings: unknown }>;
  readonly log: Logger;
  readonly now?: () => number;
}

/** One element per record, as `@middy/sqs-partial-batch-failure` reads them. */
export type Settled = { readonly status: 'fulfilled' } | { readonly status: 'rejected'; readonly reason: unknown };

/** Processes a batch and says of each record whether it may be deleted. Rejects only where nothing at all could be done. */
export type Worker = (event: SQSEvent, context: Context & { readonly report: Report }) => Promise<Settled[]>;

interface Work extends Message {
  readonly kind: Kind | undefined;
  readonly key: string | undefined;
}

interface Kind {
  readonly type: AnyJobType;
  readonly chain: RecordChain;
  readonly lastReceive: number;
}

/** Builds what can be built once per cold start; the rest lives as long as its invocation. */
export function createWorker({ environment, clients, jobs, log, now = Date.now }: WorkerOptions): Worker {
  const statements = new Statements(environment.tableName);
  const kinds = new Map<string, Kind>();
  for (const [name, { type, settings }] of jobs) {
    const lastReceive = Math.min(type.retry.attempts, environment.maxReceiveCount);
    kinds.set(name, { type, chain: recordChain(type, settings), lastReceive });
  }
  const trace =
    environment.logLevel === 'DEBUG'
      ? (action: string, details: object) => log.debug(action, { status: 'success', details })
      : undefined;
  const known = [...kinds.keys()].join(', ');

  return async (event, context) => {
    const { report } = context;
    const deadline = new Deadline(context.getRemainingTimeInMillis(), now);
    const table = new LedgerTable(clients.dynamodb, environment.tableName);
    const leaseUntil = leaseEnd(deadline);
    const ledger = new Ledger({ table, statements, leaseUntil, resultTtlDays: environment.resultTtlDays, now });
    const requests = new QueueRequests(clients.sqs);
    const settlement = {
      maxReceiveCount: environment.maxReceiveCount,
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

    const process = (work: Work, runInSlot: RunInSlot): Promise<Verdict> => {
      const { kind, invalid } = work;
      if (!kind) {
        const error = invalid ?? new InvalidJob(`there is no job type "${work.type}"; this worker runs ${known}`);
        return Promise.resolve({ kind: 'dead', failure: classify(error, now()) });
      }
      const { lastReceive, chain } = kind;
      const recordContext: RecordContext = {
        message: work,
        lastReceive,
        ledger,
        runInSlot,
        nextOwner,
        log,
        trace,
        report,
        now,
      };
      return chain(work.job, recordContext);
    };

    const works = hardestTriedFirst(event.Records.map((record) => toWork(readMessage(record), kinds)));
    const closing = setTimeout(() => {
      table.close();
      // What could not be stored is deferred within this turn, and must reach SQS before the answer.
      setImmediate(() => requests.flush());
    }, deadline.until(deadline.settleAt));
    const outcomes = await runBatch(works, {
      concurrency: environment.concurrency,
      deadline,
      laneOf: ({ key }) => key,
      timeLimitOf: ({ kind }) => kind?.type.timeLimitMs ?? 0,
      process,
      settle: (work, verdict) => settle(work, verdict, settlement),
      onIdle: () => {
        table.flush();
        requests.flush();
      },
    });
    clearTimeout(closing);
    table.close();
    requests.close();
    report.errors.ledgerCheck += table.errors.check;
    report.errors.ledgerSave += table.errors.save;
    return inRecordOrder(event, works, outcomes, report, log);
  };
}

function toWork(message: Message, kinds: ReadonlyMap<string, Kind>): Work {
  const kind = message.invalid ? undefined : kinds.get(message.type);
  return { ...message, kind, key: kind && keyOf(kind.type, message) };
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
  for (const [i, { record }] of works.entries()) {
    const { acknowledged, verdict, error } = outcomes[i] as Outcome;
    if (acknowledged) report.acknowledged += 1;
    else if (!verdict) {
      report.unfinished += 1;
      const details = {
        messageId: record.messageId,
        reason: error ? String(error) : 'no verdict when the answer was due',
      };
      log.error('job_unfinished', { details });
    }
    byRecord.set(
      record,
      acknowledged ? { status: 'fulfilled' } : { status: 'rejected', reason: verdict?.kind ?? error },
    );
  }
  return event.Records.map((record) => byRecord.get(record) ?? { status: 'rejected', reason: 'no outcome' });
}
