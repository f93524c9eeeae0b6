import { PermanentError } from '../failures/errors.ts';

/**
 * The most bytes of a result: an item of DynamoDB holds 400 KB, names and values together, of which 8 KB are kept for our own
 * attributes. The same for every store, so that a job type works with each.
 */
export const MAX_RESULT_BYTES = 400 * 1024 - 8 * 1024;

/**
 * What is left of them for the result of a job that also hands a message over: both are in one record.
 *
 * @throws PermanentError where the message alone is too large
 */
export function bytesBeside(handOver: string | undefined): number {
  if (handOver === undefined) return MAX_RESULT_BYTES;
  const bytes = Buffer.byteLength(handOver);
  if (bytes < MAX_RESULT_BYTES) return MAX_RESULT_BYTES - bytes;
  throw new PermanentError(
    `what the job hands over has ${bytes} bytes, more than a record holds (${MAX_RESULT_BYTES}); store it in S3 and hand over its key`,
  );
}

/** DynamoDB takes 32 levels [DynamoDB constraints]. The innermost level is for the values in the lists and maps. */
export const MAX_CONTAINERS = 31;

/** An object of another realm is plain, too. Its prototype is not ours, but also has no prototype itself. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}
