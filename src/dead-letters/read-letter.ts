import type { Message } from '@aws-sdk/client-sqs';
import { readBody } from '../message.ts';
import { REASON_ATTRIBUTE, readReason } from '../queues/reason.ts';
import type { HeldLetter } from './letter.ts';

/** A received message as a letter. Total: a body that holds no job leaves `jobId` and `type` to its reason. */
export function readLetter(message: Message): HeldLetter {
  const { MessageId = '', Body = '', MessageAttributes = {}, Attributes = {}, ReceiptHandle = '' } = message;
  const reason = readReason(MessageAttributes[REASON_ATTRIBUTE]?.StringValue);
  return {
    messageId: MessageId,
    body: Body,
    attributes: MessageAttributes,
    system: Attributes,
    reason,
    receiptHandle: ReceiptHandle,
    ...identityOf(Body),
  };
}

function identityOf(body: string): Pick<HeldLetter, 'jobId' | 'type'> {
  try {
    const { type, job } = readBody(body);
    return { type, jobId: typeof job.job_id === 'string' ? job.job_id : undefined };
  } catch {
    return { type: undefined, jobId: undefined };
  }
}
