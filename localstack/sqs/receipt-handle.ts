import { randomUUID } from 'node:crypto';

/** A new receipt handle. Each receive of a message gives another one. */
export const newHandle = (queueArn: string, messageId: string): string =>
  Buffer.from(`${randomUUID()} ${queueArn} ${messageId}`).toString('base64');

/** The message that a handle of this queue stands for; undefined for what is no handle of it. */
export function messageIdOf(handle: string, queueArn: string): string | undefined {
  const [unique, arn, messageId, ...rest] = Buffer.from(String(handle), 'base64').toString().split(' ');
  return unique && arn === queueArn && rest.length === 0 ? messageId : undefined;
}
