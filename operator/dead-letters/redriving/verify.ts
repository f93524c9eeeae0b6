import { setTimeout as delay } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { RecordReader } from '../../../src/ledger/store.ts';
import { countsOf } from '../../stage/counts.ts';
import type { RunsOfQueue } from '../../stage/runs.ts';
import { Holding } from '../reading/holding.ts';
import { jobInLetter } from '../reading/job-of-letter.ts';
import type { DeadLetter } from '../reading/letter.ts';
import { scan } from '../reading/scan.ts';
import type { Departed } from './tally.ts';

/** What became of letters that were sent. */
export interface Verified {
  /** Their result is in the ledger. */
  done: number;
  /** In the dead-letter queue again. */
  deadAgain: number;
  /** Neither done nor dead again at the end: with messages still on the queue, and with none. */
  stillQueued: number;
  unaccounted: number;
  /** At most ten of those that are not done: the old letter's id, and what is known. */
  examples: { readonly letterId: string; readonly messageId: string; readonly what: string }[];
}

export interface VerifyOptions {
  readonly sqs: SQSClient;
  readonly runs: RunsOfQueue;
  readonly ledger: RecordReader;
  readonly deadLettersUrl: string;
  readonly queueUrl: string;
  /** Gives up after so long in which none was done or dead again, milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  onProgress?(found: number): void;
}

const POLL_MS = 500;
/** Between two looks into the dead-letter queue, milliseconds: each costs its letters a receive. */
const LOOK_MS = 3_000;
const EXAMPLES = 10;

export function emptyVerified(): Verified {
  return { done: 0, deadAgain: 0, stillQueued: 0, unaccounted: 0, examples: [] };
}

/**
 * Waits until some thousands of letters are done or dead again, and counts them in `verified`. A job is done when the
 * ledger holds the result of the same payload, and nothing that is still to be handed over. It is dead again when the dead-letter queue holds the message that was
 * sent, or the worker's copy of it. The ledger would not tell: jobs without claims leave no record when they die.
 */
export async function verify(sent: readonly Departed[], options: VerifyOptions, verified: Verified): Promise<void> {
  const pending = new Map(sent.map((departed) => [departed.messageId, departed]));
  let lastNews = Date.now();
  let lastLook = 0;
  let lastCount: number | undefined;
  for (;;) {
    const before = pending.size;
    await findDone(pending, options.ledger, verified);
    const [queue, dead] = await Promise.all([count(options, options.queueUrl), count(options, options.deadLettersUrl)]);
    const giveUp = options.signal.aborted || Date.now() - lastNews > options.timeoutMs;
    const changed = queue === 0 || dead !== lastCount;
    if (pending.size > 0 && (giveUp || (changed && Date.now() - lastLook > LOOK_MS))) {
      await findDead(pending, options, verified);
      lastLook = Date.now();
      lastCount = dead;
    }
    if (pending.size < before) {
      lastNews = Date.now();
      options.onProgress?.(before - pending.size);
    }
    if (pending.size === 0) return;
    if (giveUp) return accountFor(pending, queue, verified);
    await delay(POLL_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

async function findDone(pending: Map<string, Departed>, ledger: VerifyOptions['ledger'], verified: Verified) {
  const look = async ({ messageId, key, fingerprint }: Departed): Promise<void> => {
    if (key === undefined) return;
    const record = await ledger.read(key);
    if (record?.status !== 'done' || record.fingerprint !== fingerprint || record.handOver !== undefined) return;
    pending.delete(messageId);
    verified.done += 1;
  };
  await Promise.all([...pending.values()].map(look));
}

async function findDead(pending: Map<string, Departed>, options: VerifyOptions, verified: Verified): Promise<void> {
  const byKey = new Map([...pending.values()].map((departed) => [departed.key, departed]));
  await using holding = await Holding.of(options.sqs, options.deadLettersUrl);
  for await (const letters of scan(holding)) {
    for (const letter of letters) {
      const departed = await departedOf(letter, pending, byKey, options.runs);
      if (!departed || !pending.delete(departed.messageId)) continue;
      verified.deadAgain += 1;
      const { reason } = letter;
      note(verified, departed, reason ? `${reason.errorClass}: ${reason.message}` : 'moved by SQS, without a reason');
    }
    if (pending.size === 0 || options.signal.aborted) return;
  }
}

/**
 * The letter that was sent and is dead again. SQS keeps a message's id when it moves it, and a worker's reason holds
 * the id of the message that it copied. A message that a worker requeued has another id; then the job's
 * key and a newer failure tell.
 */
async function departedOf(
  letter: DeadLetter,
  pending: ReadonlyMap<string, Departed>,
  byKey: ReadonlyMap<string | undefined, Departed>,
  runs: RunsOfQueue,
): Promise<Departed | undefined> {
  const known = pending.get(letter.messageId) ?? pending.get(letter.reason?.messageId ?? '');
  if (known || !letter.reason) return known;
  const job = await jobInLetter(letter, runs);
  const departed = job.problem === undefined ? byKey.get(job.key) : undefined;
  return departed && Date.parse(letter.reason.lastFailedAt) >= departed.sentAt ? departed : undefined;
}

function accountFor(pending: ReadonlyMap<string, Departed>, onQueue: number, verified: Verified): void {
  if (onQueue > 0) verified.stillQueued += pending.size;
  else verified.unaccounted += pending.size;
  const what = onQueue > 0 ? 'not done yet; messages are still on the queue' : 'no result, and not on the queue';
  for (const departed of pending.values()) note(verified, departed, what);
}

function note({ examples }: Verified, { letterId, messageId }: Departed, what: string): void {
  if (examples.length < EXAMPLES) examples.push({ letterId, messageId, what });
}

/** What a queue holds in any state, as SQS counts it: approximately. */
async function count({ sqs }: VerifyOptions, queueUrl: string): Promise<number> {
  const { waiting, inFlight, delayed } = await countsOf(sqs, queueUrl);
  return waiting + inFlight + delayed;
}
