import type { Verdict } from '../engine/verdict.ts';
import { InvalidJob } from '../errors.ts';
import { quoted } from '../foreign-text.ts';
import type { AnyJobType, Json } from '../job.ts';
import { type Entry, payloadFingerprint } from '../ledger/record.ts';
import type { RawJob } from '../message.ts';
import type { RecordContext, RecordMiddleware } from '../record-context.ts';

/** DynamoDB's limit for a partition key. */
const MAX_KEY_BYTES = 2_048;

type Idempotency = RecordMiddleware<Json | Verdict>;

/**
 * Makes a job's result durable once: stored where nothing was, or counted as a duplicate. Job types that claim hold a
 * lease while they run, which becomes the result, or ends with the failure.
 */
export function idempotency(type: AnyJobType): Idempotency {
  return type.claims ? leased(type) : storedOnce(type);
}

function storedOnce(type: AnyJobType): Idempotency {
  return {
    before: function nameJob({ event, context }) {
      context.entry = entryOf(type, event, context);
    },
    after: async function storeResult(request) {
      const { ledger, entry } = request.context;
      const stored = await ledger.store(entry as Entry, request.response as Json);
      request.response = concluded(stored, request.context);
    },
  };
}

function leased(type: AnyJobType): Idempotency {
  return {
    before: async function claimJob({ event, context }): Promise<Verdict | undefined> {
      const entry = entryOf(type, event, context);
      context.entry = entry;
      const claim = await context.ledger.claim(entry);
      if (claim.kind === 'duplicate') return { kind: 'duplicate' };
      context.fencingToken = claim.fencingToken;
      return undefined;
    },
    after: async function completeJob(request) {
      const { ledger, entry } = request.context;
      const stored = await ledger.complete(entry as Entry, request.response as Json);
      request.response = concluded(stored, request.context);
    },
    // Runs after classification, so the response is the verdict.
    onError: async function releaseJob({ context, response }) {
      if (context.fencingToken === undefined) return;
      const status = (response as Verdict).kind === 'dead' ? 'dead' : 'failed';
      try {
        await context.ledger.release(context.entry as Entry, status);
      } catch (error) {
        // The lease then ends by itself.
        context.log.warn('release_failed', { details: { jobId: context.entry?.key, error: (error as Error).message } });
      }
    },
  };
}

function entryOf(type: AnyJobType, job: RawJob, { message, nextOwner }: RecordContext): Entry {
  const key: unknown = type.key(job);
  // A fault of the deployed code, which passes with the next one.
  if (typeof key !== 'string')
    throw new TypeError(`the job type's key() answered ${typeof key}, and a key is a string`);
  const bytes = Buffer.byteLength(key);
  if (bytes === 0 || bytes > MAX_KEY_BYTES) {
    throw new InvalidJob(`${namedKey(job, key)} is ${bytes} bytes long, and DynamoDB takes 1 to ${MAX_KEY_BYTES}`);
  }
  // DynamoDB would store another text, which no look-up finds.
  if (!key.isWellFormed()) {
    throw new InvalidJob(`${namedKey(job, key)} is not well-formed Unicode: it has half a surrogate pair`);
  }
  return { key, type: message.type, fingerprint: payloadFingerprint(message.type, job), owner: nextOwner() };
}

/** The field that the key is, where it is one. */
function namedKey(job: RawJob, key: string): string {
  const field = Object.keys(job).find((name) => job[name] === key);
  return field === undefined ? 'the idempotency key' : `the idempotency key, ${quoted(field)},`;
}

function concluded(stored: 'stored' | 'duplicate', { entry, slot, trace }: RecordContext): Verdict {
  if (stored === 'duplicate') return { kind: 'duplicate' };
  trace?.('dynamodb_save', { jobId: entry?.key, slot });
  return { kind: 'done' };
}
