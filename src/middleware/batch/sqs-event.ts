import type middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { quoted } from '../../failures/foreign-text.ts';

/** The largest batch that an event source mapping delivers [Lambda, SQS event source mappings]. */
const MAX_RECORDS = 10_000;

/**
 * Fails the invocation for an event that is no batch of SQS records, because an empty list of failures would tell
 * Lambda that all is well. It comes after `sqsPartialBatchFailure` in the chain, because error hooks run from the last
 * to the first, and that one would return an answer for any event.
 */
export function sqsEvent(): middy.MiddlewareObj<SQSEvent, SQSBatchResponse> {
  return {
    before: function refuseOtherEvents({ event }) {
      const problem = problemOf(event);
      if (problem)
        throw new NotAnSqsBatch(
          `${problem}; this function takes the events of an SQS event source mapping, see events/`,
        );
    },
    onError: function failInvocation({ error }) {
      if (error instanceof NotAnSqsBatch) throw error;
    },
  };
}

class NotAnSqsBatch extends Error {
  override readonly name = 'NotAnSqsBatch';
}

function problemOf(event: unknown): string | undefined {
  const records: unknown = (event as Partial<SQSEvent> | null)?.Records;
  if (!Array.isArray(records)) return 'the event has no "Records" list';
  if (records.length === 0) return 'the batch is empty';
  if (records.length > MAX_RECORDS)
    return `the batch has ${records.length} records, and SQS hands out at most ${MAX_RECORDS}`;
  const index = records.findIndex((record) => recordProblem(record) !== undefined);
  return index < 0 ? undefined : `Records[${index}] ${recordProblem(records[index])}`;
}

function recordProblem(record: unknown): string | undefined {
  if (typeof record !== 'object' || record === null) return 'is no object';
  const { eventSource, messageId, body } = record as Record<string, unknown>;
  if (eventSource !== 'aws:sqs') {
    return `is from ${typeof eventSource === 'string' ? quoted(eventSource) : typeof eventSource}, not from "aws:sqs"`;
  }
  if (typeof messageId !== 'string' || messageId === '') return 'has no "messageId", so it could not be reported';
  if (typeof body !== 'string') return 'has no "body"';
  return undefined;
}
