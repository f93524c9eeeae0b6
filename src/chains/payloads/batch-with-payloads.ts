import type { BatchOptions, Outcome, RunInSlot } from '../../engine/batch-options.ts';
import { runBatch } from '../../engine/run-batch.ts';
import { AFTER_ALL_OTHERS, type Verdict } from '../../engine/verdict.ts';
import { PermanentError } from '../../failures/errors.ts';
import { verdictOf } from '../../middleware/record/classification.ts';
import { PayloadSession } from '../../payloads/payload-session.ts';
import type { Open, PayloadSettings, Wanted } from '../../payloads/payload-store.ts';
import { isPointer, notedSize, parsePointer } from '../../payloads/pointer.ts';
import { REASON_ATTRIBUTE, readReason } from '../../queues/reason.ts';
import { historyOf } from '../../queues/redelivery.ts';
import { type Work, worksOf } from '../works.ts';
import type { Worker } from './payloads.ts';

export interface PayloadsOfFunction {
  readonly worker: Worker;
  readonly settings: PayloadSettings;
  readonly open: Open;
}

/**
 * Runs a batch. A record whose body is a pointer gets its job when its turn comes, in the record's place in the window of
 * admitted records. So payloads are read while other jobs run, no more are read than can soon run, and their memory is free
 * again with the job's verdict.
 *
 * On a standard queue such records come after all others: a slow S3 then holds up none of them. In the lanes a pointer stands
 * for its job, which is not known yet. So two pointers of one batch that hold one job are not kept apart, as those of two
 * batches are not; the ledger decides between them.
 *
 * What goes to a queue is the pointer, byte for byte.
 */
export async function runWithPayloads(
  works: readonly Work[],
  options: BatchOptions<Work>,
  parts: PayloadsOfFunction,
): Promise<Outcome[]> {
  const { worker, settings, open } = parts;
  // A pointer is no job, so only what holds no job needs a look.
  const pointers = new Set(works.filter(({ invalid, record }) => invalid && isPointer(record.body)));
  if (pointers.size === 0) return await runBatch(works, options);
  const ordered = worker.strategy.keepsOrder ? works : [...works.filter((work) => !pointers.has(work)), ...pointers];
  const session = new PayloadSession(settings, open, options.deadline);
  try {
    const outcomes = await runBatch(ordered, {
      ...options,
      laneOf: (work) => options.laneOf(work) ?? (pointers.has(work) ? work.record.body : undefined),
      process: (work, runInSlot, isAlone) => {
        if (!pointers.has(work)) return options.process(work, runInSlot, isAlone);
        const inSlot: RunInSlot = (run) => runInSlot(run).finally(() => storeSoon(session, options));
        return withPayload(work, isAlone, session, worker, () => options.process(work, inSlot, isAlone));
      },
    });
    const byWork = new Map(ordered.map((work, i) => [work, outcomes[i] as Outcome]));
    return works.map((work) => byWork.get(work) as Outcome);
  } finally {
    session.close();
  }
}

/** Results wait for others to share their requests. Payloads that have no room meanwhile are none of those. */
function storeSoon(session: PayloadSession, options: BatchOptions<Work>): void {
  if (session.isFull) setImmediate(() => options.onIdle());
}

type Processed = Verdict | typeof AFTER_ALL_OTHERS;

/** Takes a record to its verdict with the job that its payload holds. */
async function withPayload(
  work: Work,
  isAlone: boolean,
  session: PayloadSession,
  worker: Worker,
  run: () => Promise<Processed>,
): Promise<Processed> {
  // A payload may end the process while it is read, before the ledger can tell.
  if (!isAlone && mayHaveEndedProcess(work, worker)) return AFTER_ALL_OTHERS;
  let release = () => {};
  try {
    const payload = await session.read(wantedBy(work, worker.clock.now()));
    release = payload.release;
    fill(work, payload.text, worker);
  } catch (error) {
    if (!(error instanceof PermanentError)) return comesBack(error, work, worker.clock.now());
    Object.assign(work, { invalid: error });
  }
  try {
    return await run();
  } finally {
    forget(work);
    release();
  }
}

function mayHaveEndedProcess(work: Work, { clock, environment }: Worker): boolean {
  return historyOf(work, undefined, { now: clock.now(), visibilityMs: environment.visibilityTimeout * 1000 }).isSuspect;
}

/** @throws InvalidJob where the pointer, or the size beside it, has another form */
function wantedBy({ record, requeued }: Work, now: number): Wanted {
  const { attributes, messageAttributes, body } = record;
  const reason = readReason(messageAttributes?.[REASON_ATTRIBUTE]?.stringValue);
  const firstSeen = [Number(attributes?.SentTimestamp), requeued?.since, Date.parse(reason?.firstFailedAt ?? '')];
  // A copy may have had no room for the attribute.
  const attribute = (name: string) => messageAttributes?.[name] ?? requeued?.overflow?.[name];
  const since = firstSeen.filter((at): at is number => at !== undefined && at > 0);
  return {
    pointer: parsePointer(body),
    size: notedSize((name) => attribute(name)?.stringValue),
    // Each copy and each redrive has a sending time of its own.
    ageMs: Math.max(0, now - Math.min(now, ...since)),
  };
}

/** The job in the place of the pointer. The record, and with it what is sent to queues, stays as it was received. */
function fill(work: Work, body: string, worker: Worker): void {
  const [read] = worksOf([{ ...work.record, body }], worker, worker.clock.now());
  const { known, job, jobId, type, invalid, blocks } = read as Work;
  Object.assign(work, { known, job, jobId, type, invalid, blocks });
}

/** Keeps of the job what logs and reasons name. */
function forget(work: Work): void {
  const { job_id } = work.job;
  Object.assign(work, { job: typeof job_id === 'string' ? { job_id } : {} });
}

/** The job did not run, and nothing says that it is at fault. So no failed run is counted, and it never dies of this. */
function comesBack(error: unknown, { receiveCount, history }: Work, now: number): Verdict {
  const retry = { baseMs: 5_000, capMs: 300_000, attempts: Number.POSITIVE_INFINITY };
  const lastRun = Number.POSITIVE_INFINITY;
  return verdictOf(error, { receiveCount, runs: history.runs, lastRun, retry, now, random: Math.random() });
}
