import { AFTER_ALL_OTHERS, type Verdict } from '../../engine/verdict.ts';
import { GivenUp, KilledItsProcess, PayloadConflict } from '../../failures/errors.ts';
import { isA } from '../../failures/thrown.ts';
import type { AnyJobType, Json } from '../../job.ts';
import {
  type Attempt,
  type Entry,
  type HandOver,
  handOverOf,
  payloadFingerprint,
  type StoredRecord,
  standing,
} from '../../ledger/record.ts';
import { handOverText } from '../../queues/hand-over.ts';
import { keyOf } from '../../queues/job-key.ts';
import type { RawJob } from '../../queues/message.ts';
import { historyOf } from '../../queues/redelivery.ts';
import type { RecordContext, RecordMiddleware } from './context.ts';

/** The most characters of an error in a job's record: enough to recognise it. */
const MAX_ERROR = 500;
/**
 * After this many runs alone that ended their process, the job is the cause. A single one may be the machine's fault.
 */
const PROOF_RUNS = 2;

type Response = Json | Verdict | typeof AFTER_ALL_OTHERS;

/**
 * Makes a job's result permanent once. The result is stored where there was none; else the job is a duplicate. Job
 * types that claim, and all jobs that run alone, hold a lease while they run. The lease becomes the result, or ends
 * with the failure. A job that was received before is looked up first, and a failed run is noted. A job without a lease
 * that passes at once costs one write. What a job hands over is part of that write; `context.handOver` says what is still
 * to be sent.
 */
export function idempotency(type: AnyJobType): RecordMiddleware<Response> {
  return {
    before: async function takeUp({ event, context }): Promise<Response | undefined> {
      context.entry = entryOf(type, event, context);
      const { message, history, isAlone } = context;
      if (message.receiveCount > 1 || history.isSuspect) {
        const known = await recall(context);
        if (known) return known;
      }
      return type.claims || isAlone ? await claim(context) : undefined;
    },
    after: async function storeResult(request) {
      const { context, event, response } = request;
      const { ledger, fencingToken, slot, stored, trace } = context;
      const entry = context.entry as Entry;
      const result = type.keeps === 'result' ? (response as Json) : undefined;
      const message = type.handOver && handOverText(type.handOver(event, response as Json));
      const written =
        fencingToken === undefined
          ? await ledger.store(entry, result, stored, message)
          : await ledger.complete(entry, result, message);
      if (written === 'stored') {
        trace?.('dynamodb_save', { jobId: entry.key, slot });
        if (message !== undefined) context.handOver = { key: entry.key, owner: entry.owner, message };
      } else if (written !== 'duplicate') context.handOver = written;
      request.response = { kind: written === 'stored' ? 'done' : 'duplicate' };
    },
    // Runs after classification, so the response is the verdict.
    onError: async function noteFailure({ context, error, response }) {
      const { entry, log } = context;
      if (!entry) return;
      try {
        await note(context, entry, response as Verdict, isA(error, GivenUp));
      } catch (failure) {
        // A lease then stays until it expires, and this run is not counted.
        log.warn('failure_not_noted', { details: { jobId: entry.key, error: (failure as Error).message } });
      }
    },
  };
}

/** Looks up what is stored about the job. @returns undefined where the job may run now */
async function recall(context: RecordContext): Promise<Verdict | typeof AFTER_ALL_OTHERS | undefined> {
  const { inGroup, isAlone, ledger, maxReceiveCount, message, now, visibilityMs } = context;
  const entry = context.entry as Entry;
  const stored = await ledger.recall(entry.key);
  context.stored = stored;
  context.history = historyOf(message, stored, { now: now(), visibilityMs, inGroup });
  if (stored && isFinished(stored, entry, now())) return duplicate(context, handOverOf(entry.key, stored));
  const { aloneRuns, isSuspect } = context.history;
  if (!isSuspect) return undefined;
  if (aloneRuns >= PROOF_RUNS) {
    throw new KilledItsProcess(
      `the process ended in each of ${aloneRuns} runs of this job alone, without a trace; look for "Runtime exited" and ` +
        `"Task timed out" in the function's log`,
    );
  }
  if (message.receiveCount >= maxReceiveCount) {
    return { kind: 'deferred', afterMs: 0, why: 'the job may have ended its process, and needs a fresh receive count' };
  }
  return isAlone ? undefined : AFTER_ALL_OTHERS;
}

/** Whether the job is done, and need not run again. If another payload has its key, this throws PayloadConflict. */
function isFinished(stored: StoredRecord, entry: Entry, now: number): boolean {
  const where = standing(stored, entry, now);
  if (where === 'conflict') throw new PayloadConflict(entry.key, stored.fingerprint, entry.fingerprint);
  return where === 'done';
}

/** The verdict on a job that is done. What it hands over may still have to be sent. */
function duplicate(context: RecordContext, handOver: HandOver | undefined): Verdict {
  if (handOver) context.handOver = handOver;
  return { kind: 'duplicate' };
}

async function claim(context: RecordContext): Promise<Verdict | undefined> {
  const { history, isAlone, ledger, message, stored } = context;
  const aloneRuns = isAlone ? history.aloneRuns + 1 : 0;
  const run = { messageId: message.record.messageId, runs: history.runs, aloneRuns };
  const claimed = await ledger.claim(context.entry as Entry, run, stored);
  if (claimed.kind === 'duplicate') return duplicate(context, claimed.handOver);
  context.fencingToken = claimed.fencingToken;
  return undefined;
}

/**
 * @param couldNotBeStopped whether the handler was given up. It may still run, so a lease lasts until it expires,
 *   unless the job is dead now. A job that ran alone was ended with its sandbox, so its lease ends.
 */
async function note(context: RecordContext, entry: Entry, verdict: Verdict, couldNotBeStopped: boolean): Promise<void> {
  const { fencingToken, history, isAlone, ledger, stored } = context;
  const status = verdict.kind === 'dead' ? 'dead' : 'failed';
  // A suspect whose run alone proved nothing stays one.
  const staysSuspect = couldNotBeStopped || (isAlone && verdict.kind === 'deferred');
  const attempt = { ...attemptOf(verdict, context), ...(staysSuspect && { receives: 0 }) };
  if (fencingToken !== undefined) {
    const lasts = couldNotBeStopped && !isAlone && status === 'failed';
    await ledger.fail(entry, status, attempt, lasts ? 'lasts' : 'ends');
  } else if (verdict.kind === 'retry' || (status === 'dead' && (stored || history.runs > 0))) {
    await ledger.note(entry, status, attempt, stored);
  }
}

function attemptOf(verdict: Verdict, { history, message, now }: RecordContext): Attempt {
  const runs = 'runs' in verdict ? verdict.runs : history.runs;
  return {
    messageId: message.record.messageId,
    receives: message.receiveCount,
    runs,
    error: errorOf(verdict).slice(0, MAX_ERROR).toWellFormed(),
    retryAt: 'afterMs' in verdict ? new Date(now() + verdict.afterMs).toISOString() : '',
  };
}

function errorOf(verdict: Verdict): string {
  if ('failure' in verdict) return `${verdict.failure.errorClass}: ${verdict.failure.message}`;
  return verdict.kind === 'deferred' ? `Deferred: ${verdict.why}` : 'NotStarted';
}

function entryOf(type: AnyJobType, job: RawJob, { message, nextOwner }: RecordContext): Entry {
  const fingerprint = payloadFingerprint(message.type, job);
  return { key: keyOf(type, job), type: message.type, fingerprint, owner: nextOwner() };
}
