import { errorFingerprint } from '../../../src/failures/fingerprint.ts';
import type { StoredRecord } from '../../../src/ledger/record.ts';
import type { JobOfLetter } from '../reading/job-of-letter.ts';
import type { DeadLetter } from '../reading/letter.ts';

/** Why a letter is dead. Its reason tells it; without a reason it is concluded. */
export interface Diagnosis {
  readonly errorClass: string;
  readonly message: string;
  /** Equal where the same error happened again. */
  readonly fingerprint: string;
  /** True where the worker wrote it on the letter, false where it is concluded. */
  readonly recorded: boolean;
}

/** What can be known of a letter without a reason. */
export interface Known {
  readonly job: JobOfLetter;
  /** Whether its job type claims a lease before it runs, so that each run leaves a trace in the ledger. */
  readonly claims: boolean;
  /** Of its job's key; undefined where there is none. */
  readonly record: StoredRecord | undefined;
  /** Why the ledger could not be asked. */
  readonly unreadable?: string | undefined;
}

/** What is concluded of a letter that SQS moved, or somebody sent, without a reason. */
export type Conclusion =
  | 'AlreadyDone'
  | 'FailedEachTime'
  | 'FailedForGood'
  | 'KilledOrTimedOut'
  | 'NeverRan'
  | 'NeverRanOrKilled'
  | 'NotHandedOver'
  | 'PayloadConflict'
  | 'SentHere'
  | 'StillRunning'
  | 'Unknown';

/** Pure; `now` in milliseconds since the epoch. A recorded reason is taken as it is. */
export function diagnose(letter: DeadLetter, known: Known, now: number): Diagnosis {
  const { reason } = letter;
  if (reason) {
    const { errorClass, message, fingerprint } = reason;
    return { errorClass, message, fingerprint, recorded: true };
  }
  const [errorClass, message] = conclude(letter, known, now);
  return { errorClass, message, fingerprint: errorFingerprint({ errorClass, message: '' }), recorded: false };
}

function conclude(letter: DeadLetter, { job, claims, record, unreadable }: Known, now: number): [Conclusion, string] {
  const receives = `${letter.system.ApproximateReceiveCount ?? 'some'} receives, this look included`;
  if (unreadable !== undefined) return ['Unknown', `the ledger could not be read: ${unreadable}`];
  const current = record && record.ttl * 1000 > now ? record : undefined;
  if (current && job.problem === undefined) return fromLedger(current, job.fingerprint, now);
  // SQS notes the source queue on what it moves. The receive count would not tell: each look adds to it.
  if (letter.system.DeadLetterQueueSourceArn === undefined) {
    return ['SentHere', 'SQS did not move it here, and no worker: somebody sent or imported it'];
  }
  if (job.problem !== undefined) {
    const never = `no worker gave a reason, as it does at once for such a body (${job.problem})`;
    return ['NeverRan', `${never}: the function was throttled or failed to start (${receives})`];
  }
  if (claims) {
    return ['NeverRan', `no run ever claimed it: throttled, or the function failed to start (${receives})`];
  }
  return ['NeverRanOrKilled', `the ledger knows nothing of it: throttled and never run, or killed (${receives})`];
}

function fromLedger(record: StoredRecord, fingerprint: string, now: number): [Conclusion, string] {
  const { status, leaseUntil, fencingToken } = record;
  if (status !== 'dead' && record.fingerprint !== '' && record.fingerprint !== fingerprint) {
    return ['PayloadConflict', 'its job was accepted before with another payload, and this one never ran'];
  }
  const runs = `${fencingToken} ${fencingToken === 1 ? 'run' : 'runs'} claimed it`;
  switch (status) {
    case 'done':
      if (record.handOver !== undefined) {
        return [
          'NotHandedOver',
          'its result is stored, and what it hands over to the next queue is not known to be sent; a redrive sends it',
        ];
      }
      return ['AlreadyDone', 'its result is stored: it ran, and only its acknowledgement was lost; a redrive drops it'];
    case 'failed':
      return ['FailedEachTime', `${runs} and the last failed; SQS moved it after its last receive`];
    case 'dead':
      return ['FailedForGood', `${runs} and the last failed for good, but its copy with the reason could not be sent`];
    case 'running':
      return leaseUntil > now
        ? ['StillRunning', `a run holds its lease until ${moment(leaseUntil)}: another copy of the job`]
        : ['KilledOrTimedOut', `${runs} and the last left no outcome by ${moment(leaseUntil)}: killed or timed out`];
  }
}

/** Never throws: another program may have written the item, with a number that is no time. */
function moment(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'no known time' : date.toISOString();
}
