import { InvalidJob } from '../failures/errors.ts';
import { quoted } from '../failures/foreign-text.ts';
import type { AnyJobType } from '../job.ts';
import { MAX_KEY_BYTES } from '../ledger/key.ts';
import type { RawJob } from './message.ts';

/**
 * A job's idempotency key, as the ledger and everybody who asks it knows the job: behind its type's namespace, if it has one.
 *
 * @param job that satisfies its schema
 * @throws InvalidJob for a key that no store takes; TypeError where the job type's `key` returns no string
 */
export function keyOf(type: AnyJobType, job: RawJob): string {
  const key: unknown = type.key(job);
  // A fault of the deployed code. The error is transient, because the next deployment may mend it.
  if (typeof key !== 'string')
    throw new TypeError(`the job type's key() answered ${typeof key}, and a key is a string`);
  const bytes = Buffer.byteLength(key);
  const most = MAX_KEY_BYTES - Buffer.byteLength(ledgerKey(type, ''));
  if (bytes === 0 || bytes > most) {
    throw new InvalidJob(`${namedKey(job, key)} is ${bytes} bytes long, and DynamoDB takes 1 to ${most}`);
  }
  // DynamoDB would store a different text, and no later read would find it.
  if (!key.isWellFormed()) {
    throw new InvalidJob(`${namedKey(job, key)} is not well-formed Unicode: it has half a surrogate pair`);
  }
  return ledgerKey(type, key);
}

/** The key under which the ledger has a job of this type. */
export function ledgerKey({ namespace }: Pick<AnyJobType, 'namespace'>, key: string): string {
  return namespace === undefined ? key : `${namespace}:${key}`;
}

/**
 * What a job's type calls it, without a namespace; undefined where there is no such text. The job need not be valid, so
 * `key` may throw or return anything.
 */
export function jobIdOf(type: AnyJobType, job: RawJob): string | undefined {
  try {
    const key: unknown = type.key(job);
    return typeof key === 'string' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Names the payload's field with the key's value, where there is one. */
function namedKey(job: RawJob, key: string): string {
  const field = Object.keys(job).find((name) => job[name] === key);
  return field === undefined ? 'the idempotency key' : `the idempotency key, ${quoted(field)},`;
}
