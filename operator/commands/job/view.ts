import { escapedJson } from '../../output/printable.ts';
import { counted, shorten } from '../../output/text.ts';
import { ago, duration, moment } from '../../output/times.ts';
import { MAX_COLUMNS } from '../../output/width.ts';
import type { QueueDepth } from '../../stage/depth.ts';
import { queuesLine } from '../../stage/queues-line.ts';
import type { FoundLetter } from './found-letter.ts';
import type { KnownJob } from './known-job.ts';

const LABEL = 10;
/** A result may be 392 KB long; a terminal shows its beginning. */
const MOST_RESULT = 2_000;

const WHERE: Readonly<Record<KnownJob['state'], string>> = {
  done: 'its result is stored; the same message again has no effect',
  running: 'a worker runs it',
  abandoned: 'its worker ended without an answer; its message comes back to the queue',
  failed: 'its last run failed; its message waits on the queue for the next try',
  dead: 'it ended in a dead-letter queue, unless somebody has redriven it since',
  expired: 'the ledger has forgotten it: the same message again would run it again',
};

/** A job that the ledger has, a fact a line. Pure. @param next the queue of the next step, if it is in one of a chain */
export function jobText(job: KnownJob, now: number, next?: string): string {
  const { type, fingerprint, runs, claimedAt, completedAt, leaseUntil, expiresAt, lastError, retryAt } = job;
  const at = (text: string) => `${moment(Date.parse(text))}, ${ago(Date.parse(text), now)}`;
  const took = claimedAt && completedAt ? Date.parse(completedAt) - Date.parse(claimedAt) : undefined;
  return [
    fact('job', job.jobId),
    fact('state', job.state),
    fact('where', WHERE[job.state]),
    fact('type', type ?? 'not known: another program wrote this item'),
    ...(runs > 1 ? [fact('runs', `${runs}, the earlier ones without a result`)] : []),
    ...(lastError ? [fact('failed', failedText(job, now)), fact('error', lastError)] : []),
    ...(job.state === 'failed' && retryAt ? [fact('next run', nextRunText(Date.parse(retryAt), now))] : []),
    ...(claimedAt ? [fact('claimed', at(claimedAt))] : []),
    ...(completedAt ? [fact('completed', at(completedAt))] : []),
    ...(took === undefined ? [] : [fact('took', took < 10_000 ? `${took} ms` : duration(took))]),
    ...(job.handOver === null ? [] : [fact('hands over', handOverText(job, next, at))]),
    ...(leaseUntil ? [fact('lease', leaseText(Date.parse(leaseUntil), now))] : []),
    ...(expiresAt ? [fact('expires', moment(Date.parse(expiresAt)))] : []),
    ...(fingerprint ? [fact('payload', `fingerprint ${fingerprint}`)] : []),
    ...(job.result === undefined ? [] : [resultText(job.result)]),
  ].join('\n');
}

/** The step of a chain that nothing is known of yet, though the one before it has handed over. Pure. */
export function notBegunText(jobId: string, queue: string): string {
  return [
    fact('job', jobId),
    fact('state', 'not begun'),
    fact('where', `its message is on the queue ${queue}, or dead: --search looks`),
  ].join('\n');
}

/** A job that the ledger does not have. Pure. */
export function unknownText(
  jobId: string,
  tableName: string,
  depths: readonly QueueDepth[],
  searched: boolean,
): string {
  const dead = searched
    ? 'no dead letter that could be seen is of it'
    : 'or it is dead and has never claimed its place';
  return [
    shorten(`There is no job "${jobId}" in ${tableName}.`, MAX_COLUMNS),
    'It has not run yet, or was never sent, or its result has expired;',
    `${dead}.`,
    ...depths.map((depth) => `  ${queuesLine([depth])}`),
  ].join('\n');
}

/** Pure. */
export function lettersText(letters: readonly FoundLetter[]): string {
  return letters
    .map(({ queue, messageId, errorClass, message, attempts }) =>
      [
        fact('dead in', `the DLQ of ${queue}, message ${messageId}`),
        fact('because', `${errorClass}${message ? `: ${message}` : ''}`),
        ...(attempts === null ? [] : [fact('attempts', counted(attempts, 'receive'))]),
      ].join('\n'),
    )
    .join('\n');
}

function fact(label: string, value: string): string {
  return `${label.padEnd(LABEL)} ${shorten(value, MAX_COLUMNS - LABEL - 1)}`;
}

function failedText({ failedRuns, failedAt }: KnownJob, now: number): string {
  const times = counted(failedRuns, 'run');
  return failedAt ? `${times}, the last ${ago(Date.parse(failedAt), now)}` : times;
}

function nextRunText(at: number, now: number): string {
  return at > now ? `in ${duration(at - now)}, or a little later` : 'as soon as its message is received';
}

function handOverText({ handedOverAt }: KnownJob, next: string | undefined, at: (text: string) => string): string {
  const to = next === undefined ? 'to the next queue' : `to ${next}`;
  if (handedOverAt) return `${to}: sent ${at(handedOverAt)}`;
  return `${to}: not known to be sent; it is sent when this job's message comes back, or is redriven`;
}

function leaseText(until: number, now: number): string {
  return until > now ? `ends in ${duration(until - now)}` : `ended ${ago(until, now)}`;
}

function resultText(result: unknown): string {
  const text = escapedJson(JSON.stringify(result, null, 2));
  const shown = text.length > MOST_RESULT ? `${text.slice(0, MOST_RESULT)}…\n(all of it with --json)` : text;
  return `${'result'.padEnd(LABEL)} ${shown.replaceAll('\n', `\n${' '.repeat(LABEL + 1)}`)}`;
}
