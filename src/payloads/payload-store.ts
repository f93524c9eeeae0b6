import { isUtf8 } from 'node:buffer';
import { addAbortSignal } from 'node:stream';
import type { OpenObject } from '../aws/s3-api.ts';
import { describe } from '../failures/describe.ts';
import { Deferred, InvalidJob, PermanentError } from '../failures/errors.ts';
import { textField } from '../failures/thrown.ts';
import type { Pointer } from './pointer.ts';

const DAY_MS = 86_400_000;

export interface PayloadSettings {
  /** The only bucket that is read, whatever a pointer says: otherwise a producer could choose what the role reads. */
  readonly bucket: string;
  /** The largest payload. All that are in memory at once have no more together. */
  readonly maxBytes: number;
  /** After so many days the bucket's lifecycle deletes an object. */
  readonly retentionDays: number;
}

/** Opens an object: `S3Api.open`. */
export type Open = (bucket: string, key: string, signal: AbortSignal) => Promise<OpenObject>;

/** The message outlived its payload. */
export class PayloadExpired extends PermanentError {
  override readonly name = 'PayloadExpired';
}

/** What is known of a payload before it is read. */
export interface Wanted {
  readonly pointer: Pointer;
  /** Bytes that the producer noted; undefined where it noted none. */
  readonly size: number | undefined;
  /** Since the message was sent first, in milliseconds. */
  readonly ageMs: number;
}

/**
 * Checks what needs no request.
 *
 * @throws InvalidJob for a payload in another bucket, or above the limit
 */
export function checkWanted({ pointer, size }: Wanted, { bucket, maxBytes }: PayloadSettings): void {
  if (pointer.bucket !== bucket) {
    throw new InvalidJob('the payload is in another bucket than PAYLOADS_BUCKET, and no other is read');
  }
  if (size !== undefined && size > maxBytes) throw tooLarge(`${size}`, maxBytes);
}

/**
 * Reads a payload. Nothing of it is kept when this throws.
 *
 * @throws InvalidJob where it cannot be the producer's text; PayloadExpired where it is missing and the message is older
 *   than any payload may be; the signal's reason once it is aborted; Deferred where it cannot be read now, whatever the
 *   cause, such as a missing permission
 */
export async function readPayload(
  wanted: Wanted,
  settings: PayloadSettings,
  open: Open,
  signal: AbortSignal,
): Promise<string> {
  const { bucket, key } = wanted.pointer;
  try {
    const object = await open(bucket, key, signal);
    return textOf(await bytesOf(object, wanted.size, settings.maxBytes, signal));
  } catch (error) {
    if (error instanceof PermanentError || error instanceof Deferred) throw error;
    if (signal.aborted) throw signal.reason;
    if (textField(error, 'name') === 'NoSuchKey') throw missing(wanted, settings);
    const { errorClass, message } = describe(error);
    throw new Deferred(`the payload cannot be read from S3: ${errorClass}: ${message}`, { cause: error });
  }
}

/** The size is checked before the first byte is kept, and again with each: a header may be wrong. */
async function bytesOf(
  { bytes, stream }: OpenObject,
  size: number | undefined,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  addAbortSignal(signal, stream);
  const check = (count: number) => {
    if (size !== undefined && count > size) throw otherSize(`at least ${count}`, size);
    if (count > maxBytes) throw tooLarge(`at least ${count}`, maxBytes);
  };
  const chunks: Buffer[] = [];
  let read = 0;
  try {
    if (size !== undefined && bytes !== undefined && bytes !== size) throw otherSize(`${bytes}`, size);
    check(bytes ?? 0);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      read += chunk.length;
      check(read);
      chunks.push(chunk);
    }
  } finally {
    // After an error the rest is still on its way.
    stream.destroy();
  }
  if (bytes !== undefined && read < bytes) throw new Deferred(`S3 sent ${read} of the payload's ${bytes} bytes`);
  if (size !== undefined && read < size) throw otherSize(`${read}`, size);
  return Buffer.concat(chunks, read);
}

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new InvalidJob('the payload is no text in UTF-8');
  return bytes.toString();
}

function tooLarge(bytes: string, maxBytes: number): InvalidJob {
  return new InvalidJob(`the payload has ${bytes} bytes, and MAX_PAYLOAD_BYTES is ${maxBytes}`);
}

function otherSize(bytes: string, size: number): InvalidJob {
  return new InvalidJob(`the payload has ${bytes} bytes, and its message says ${size}: it is not what was sent`);
}

/**
 * A payload is stored before its message is sent. So one that is missing from a young message was deleted by somebody, who
 * may bring it back.
 */
function missing({ ageMs }: Wanted, { retentionDays }: PayloadSettings): Error {
  const days = Math.floor(ageMs / DAY_MS);
  if (ageMs < retentionDays * DAY_MS) {
    return new Deferred('the payload is not in the bucket, and not old enough to have expired: somebody deleted it');
  }
  return new PayloadExpired(
    `the payload is not in the bucket any more: it expires after ${retentionDays} days, and the message was sent ${days} days ago`,
  );
}
