import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { PermanentError } from '../../src/failures/errors.ts';
import { Budget } from '../../src/payloads/budget.ts';
import { checkWanted, readPayload } from '../../src/payloads/payload-store.ts';
import type { Pointer } from '../../src/payloads/pointer.ts';
import { consumerVariables } from './consumer-variables.ts';
import type { QueueOfStage, Stage } from './stage.ts';

/** Before the keys of what this tool stores, so that it can be told from what producers do. */
const PREFIX = 'sluice-send/';
/** Of all payloads that the tool has in memory at once; one that is larger is read alone. */
const MAX_IN_MEMORY = 67_108_864;

/** Where the payloads of a queue are, whose messages only point to them. */
export interface PayloadBucket {
  /** The most bytes that the queue's consumer reads. */
  readonly maxBytes: number;
  /** Stores a payload under a key of its own. The bucket's lifecycle deletes it. */
  put(text: string): Promise<Pointer>;
  /**
   * Reads a payload, and passes it on while there is memory for it.
   *
   * @param size that its message notes
   * @throws as the worker's `readPayload`; PermanentError where it is missing
   */
  read<Result>(pointer: Pointer, size: number | undefined, use: (text: string) => Result): Promise<Result>;
}

/**
 * The bucket that a queue's consumer reads, as it is deployed.
 *
 * @returns undefined where it reads none, or where whoever runs this may not look at it
 */
export async function payloadBucketOf(
  stage: Pick<Stage, 'lambda' | 's3'>,
  queue: Pick<QueueOfStage, 'arn'>,
): Promise<PayloadBucket | undefined> {
  const { PAYLOADS_BUCKET: bucket, MAX_PAYLOAD_BYTES } = (await consumerVariables(stage, queue)) ?? {};
  if (!bucket) return undefined;
  const settings = { bucket, maxBytes: Number(MAX_PAYLOAD_BYTES), retentionDays: 0 };
  const memory = new Budget(MAX_IN_MEMORY);
  return {
    maxBytes: settings.maxBytes,
    async put(text) {
      const { PutObjectCommand } = await import('@aws-sdk/client-s3');
      const pointer = { bucket, key: `${PREFIX}${randomUUID()}` };
      const object = { Bucket: bucket, Key: pointer.key, Body: text, ContentType: 'application/json' };
      await (await stage.s3()).send(new PutObjectCommand(object));
      return pointer;
    },
    async read(pointer, size, use) {
      const wanted = { pointer, size, ageMs: 0 };
      checkWanted(wanted, settings);
      const release = await memory.take(size ?? settings.maxBytes);
      try {
        const s3 = await stage.s3();
        return use(
          await readPayload(wanted, settings, (_, key) => open(s3, bucket, key), new AbortController().signal),
        );
      } finally {
        release();
      }
    },
  };
}

/** @throws PermanentError where there is no such object, whatever its message's age: it will not come back by itself */
async function open(s3: S3Client, Bucket: string, Key: string) {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  try {
    const { Body, ContentLength } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return { bytes: ContentLength, stream: Body as Readable };
  } catch (error) {
    if ((error as Error).name !== 'NoSuchKey') throw error;
    throw new PermanentError('its payload is not in the bucket any more: it has expired, or somebody deleted it');
  }
}
