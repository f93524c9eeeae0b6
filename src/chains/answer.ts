import type { Logger } from '@aws-lambda-powertools/logger';
import type { SQSEvent } from 'aws-lambda';
import type { Outcome } from '../engine/batch-options.ts';
import { classify } from '../failures/classify.ts';
import type { Report } from '../telemetry/report.ts';
import type { Work } from './works.ts';

/** One element for each record, in the form that `@middy/sqs-partial-batch-failure` reads. */
export type Settled = { readonly status: 'fulfilled' } | { readonly status: 'rejected'; readonly reason: unknown };

interface Unsettled {
  readonly messageId: string;
  readonly error: unknown;
}

/** How many messages a log line names as examples. */
const EXAMPLES = 5;

/**
 * The answer to Lambda, in the order of the event's records. A record without an outcome counts as failed. Also counts
 * the acknowledged records, and logs the unfinished ones.
 */
export function answerTo(
  event: SQSEvent,
  works: readonly Work[],
  outcomes: readonly Outcome[],
  report: Report,
  log: Logger,
): Settled[] {
  const byRecord = new Map<object, Settled>();
  const unsettled: Unsettled[] = [];
  for (const [i, { record }] of works.entries()) {
    const { acknowledged, verdict, error } = outcomes[i] as Outcome;
    if (acknowledged) report.acknowledged += 1;
    else if (error !== undefined) unsettled.push({ messageId: record.messageId, error });
    byRecord.set(record, acknowledged ? { status: 'fulfilled' } : { status: 'rejected', reason: verdict.kind });
  }
  if (report.unfinished + unsettled.length > 0) logUnfinished(report, unsettled, log);
  return event.Records.map((record) => byRecord.get(record) ?? { status: 'rejected', reason: 'no outcome' });
}

/** Always one line, because there is no time left for more. */
function logUnfinished(report: Report, unsettled: readonly Unsettled[], log: Logger): void {
  const examples = unsettled
    .slice(0, EXAMPLES)
    .map(({ messageId, error }) => ({ messageId, error: classify(error, 0).message }));
  log.error('jobs_unfinished', {
    details: { withoutVerdict: report.unfinished, notSettled: unsettled.length, examples },
  });
  report.unfinished += unsettled.length;
}
