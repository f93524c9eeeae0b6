import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import type { DeadLetterReason } from '../../../src/queues/reason.ts';

export type Sending = Omit<SendMessageBatchRequestEntry, 'Id'>;

/** A dead letter as the worker sends it: a body, its reason, and what else it carries. */
export function letterOf(
  body: object | string,
  reason: Partial<DeadLetterReason> = {},
  rest: Partial<Sending> = {},
): Sending {
  const whole: DeadLetterReason = {
    errorClass: 'PermanentError',
    message: 'POST https://example.com/hook answered 404',
    fingerprint: 'abcDEF-12345',
    kind: 'permanent',
    attempts: 1,
    jobId: null,
    type: 'triple',
    functionName: 'sluice-test-jobs',
    functionVersion: '7',
    firstFailedAt: '2026-01-01T00:00:00.000Z',
    lastFailedAt: '2026-01-01T01:00:00.000Z',
    messageId: 'original-id',
    ...reason,
  };
  return {
    MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
    ...rest,
    MessageAttributes: {
      ...rest.MessageAttributes,
      DeadLetterReason: { DataType: 'String', StringValue: JSON.stringify(whole) },
    },
  };
}
