import { InvalidJob } from '../failures/errors.ts';

/** Where a message's body is, when it is too large for SQS. */
export interface Pointer {
  readonly bucket: string;
  readonly key: string;
}

/** The classes that the extended clients write: today's, and the one of the Java client before 1.1. */
const CLASSES = ['software.amazon.payloadoffloading.PayloadS3Pointer', 'com.amazon.sqs.javamessaging.MessageS3Pointer'];
/** The attributes that they write with it: the body's bytes in UTF-8. */
export const SIZE_ATTRIBUTE = 'ExtendedPayloadSize';
const LEGACY_SIZE_ATTRIBUTE = 'SQSLargePayloadSize';

/** The longest pointer: a key of 1,024 bytes, each of them escaped, and the names around it. Characters. */
const MAX_POINTER = 8_192;
/** The longest key of an object, in bytes of UTF-8 [S3, object keys]. */
const MAX_KEY_BYTES = 1_024;

/** Python's client writes a blank after the comma, others none. The first characters are enough to tell it from a job. */
const START =
  /^[ \t\r\n]{0,16}\[[ \t\r\n]{0,16}"(?:software\.amazon\.payloadoffloading|com\.amazon\.sqs\.javamessaging)\./;

/** Whether a body is a pointer, or wants to be one. It is never a job, because a job is an object. */
export function isPointer(body: string): boolean {
  return START.test(body);
}

/** A pointer as today's extended clients write it, and its attribute. */
export function pointerTo({ bucket, key }: Pointer): string {
  return JSON.stringify([CLASSES[0], { s3BucketName: bucket, s3Key: key }]);
}

/**
 * Reads a pointer of the extended clients. Nothing of its text is repeated in the error.
 *
 * @throws InvalidJob where it has another form
 */
export function parsePointer(body: string): Pointer {
  const [type, place, ...more] = elementsOf(body);
  if (!CLASSES.includes(type as string) || more.length > 0 || typeof place !== 'object' || place === null) {
    throw malformed('it is not a class of the extended client and one object');
  }
  const { s3BucketName: bucket, s3Key: key, ...others } = place as Record<string, unknown>;
  if (Object.keys(others).length > 0) throw malformed('it has other fields than "s3BucketName" and "s3Key"');
  if (typeof bucket !== 'string' || bucket === '') throw malformed('"s3BucketName" is no text');
  if (typeof key !== 'string' || !isKey(key)) throw malformed('"s3Key" is no key of an object');
  return { bucket, key };
}

function elementsOf(body: string): unknown[] {
  if (body.length > MAX_POINTER)
    throw malformed(`it has ${body.length} characters, and the longest has ${MAX_POINTER}`);
  try {
    const value: unknown = JSON.parse(body);
    if (Array.isArray(value)) return value;
  } catch {
    // The engine's own message would quote the body.
  }
  throw malformed('it is no JSON');
}

/** Not `.` and `..`, which a proxy between us and S3 might follow into another bucket. */
function isKey(key: string): boolean {
  const bytes = Buffer.byteLength(key);
  const isPath = key.split('/').some((part) => part === '.' || part === '..');
  return bytes > 0 && bytes <= MAX_KEY_BYTES && key.isWellFormed() && !isPath && !/\p{Cc}/u.test(key);
}

/**
 * The size that the producer noted.
 *
 * @param textOf the text of a message attribute, if there is one
 * @returns bytes; undefined where there is no such attribute
 * @throws InvalidJob where it is no whole number
 */
export function notedSize(textOf: (name: string) => string | null | undefined): number | undefined {
  const text = textOf(SIZE_ATTRIBUTE) ?? textOf(LEGACY_SIZE_ATTRIBUTE);
  if (text === undefined || text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw malformed(`its attribute ${SIZE_ATTRIBUTE} is no whole number of bytes`);
  return Number(text);
}

function malformed(why: string): InvalidJob {
  return new InvalidJob(`the pointer to the payload cannot be read: ${why}`);
}
