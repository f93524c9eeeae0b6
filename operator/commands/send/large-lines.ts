import { pointerTo } from '../../../src/payloads/pointer.ts';
import { MAX_BYTES } from '../../../src/queues/attributes.ts';
import { grouped } from '../../output/text.ts';
import { once } from '../../stage/once.ts';
import type { PayloadBucket } from '../../stage/payload-bucket.ts';
import type { QueueOfStage } from '../../stage/stage.ts';
import type { Outgoing, Room } from './outgoing.ts';

/** What becomes of lines that are too large for their queue. */
export interface LargeLines {
  /** How large this line may be. */
  roomFor(line: string): Promise<Room>;
  /** The message; a large one with its body in the bucket, and a pointer in the body's place. */
  stored(message: Outgoing): Promise<Outgoing>;
}

/** @param find the bucket of the queue's consumer; asked for at the first large line, and never without one */
export function largeLines(
  { name, maximumMessageBytes = MAX_BYTES }: QueueOfStage,
  find: () => Promise<PayloadBucket | undefined>,
): LargeLines {
  const bucketOf = once(find);
  const isLarge = (text: string) => Buffer.byteLength(text) > maximumMessageBytes;
  const ofQueue =
    maximumMessageBytes < MAX_BYTES
      ? `the ${grouped(maximumMessageBytes)} bytes that ${name} takes`
      : 'the 1 MiB that SQS takes';
  return {
    async roomFor(line) {
      if (!isLarge(line)) return { bytes: maximumMessageBytes, limit: ofQueue };
      const bucket = await bucketOf();
      if (bucket)
        return { bytes: bucket.maxBytes, limit: `the ${grouped(bucket.maxBytes)} bytes of MAX_PAYLOAD_BYTES` };
      const why = `and ${name} takes no payloads in S3: see largePayloads in docs/large-payloads.md`;
      return { bytes: maximumMessageBytes, limit: `${ofQueue}, ${why}` };
    },
    async stored(message) {
      const bucket = isLarge(message.body) ? await bucketOf() : undefined;
      if (!bucket) return message;
      const body = pointerTo(await bucket.put(message.body));
      return { ...message, body, payloadBytes: Buffer.byteLength(message.body) };
    },
  };
}

/** Where nothing takes payloads. @param limit whose limit it is */
export function noLargeLines(bytes: number, limit: string): LargeLines {
  return { roomFor: async () => ({ bytes, limit }), stored: async (message) => message };
}
