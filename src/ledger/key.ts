import { PermanentError } from '../failures/errors.ts';

/** The longest idempotency key, in bytes: DynamoDB's limit for a partition key, and every store's, so that jobs fit all. */
export const MAX_KEY_BYTES = 2_048;

/** @throws PermanentError for a key that no store keeps as it is */
export function checkKey(key: string): void {
  if (!key.isWellFormed()) throw new PermanentError('the idempotency key has half a surrogate pair');
  if (Buffer.byteLength(key) <= MAX_KEY_BYTES) return;
  throw new PermanentError(`the idempotency key is longer than ${MAX_KEY_BYTES} bytes`);
}
