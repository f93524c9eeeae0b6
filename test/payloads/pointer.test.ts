import fc from 'fast-check';
import { InvalidJob } from '../../src/failures/errors.ts';
import { isPointer, notedSize, parsePointer, pointerTo } from '../../src/payloads/pointer.ts';
import { readJob } from '../../src/queues/message.ts';

const KEY = '002bc6ad-cb21-4664-ab05-d9cc56dcc7ed';

/** Byte for byte what these clients send. */
const WRITTEN_BY = {
  'the Java client 2': `["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"a-bucket","s3Key":"${KEY}"}]`,
  'the Java client 1.0': `["com.amazon.sqs.javamessaging.MessageS3Pointer",{"s3BucketName":"a-bucket","s3Key":"${KEY}"}]`,
  'the Python client': `["software.amazon.payloadoffloading.PayloadS3Pointer", {"s3BucketName": "a-bucket", "s3Key": "${KEY}"}]`,
  'the Python client with use_legacy_attribute': `["com.amazon.sqs.javamessaging.MessageS3Pointer", {"s3BucketName": "a-bucket", "s3Key": "${KEY}"}]`,
};

test.each(Object.entries(WRITTEN_BY))('a pointer of %s is read', (_client, body) => {
  expect(isPointer(body)).toBe(true);
  expect(parsePointer(body)).toEqual({ bucket: 'a-bucket', key: KEY });
});

test('what we write is what the Java client 2 writes', () => {
  expect(pointerTo({ bucket: 'a-bucket', key: KEY })).toBe(WRITTEN_BY['the Java client 2']);
});

test.each(['ExtendedPayloadSize', 'SQSLargePayloadSize'])('the size is read from the attribute %s', (name) => {
  const attributes = (text: string) => (asked: string) => (asked === name ? text : undefined);
  expect(notedSize(attributes('5000000'))).toBe(5_000_000);
  expect(notedSize(() => null)).toBeUndefined();
  for (const stringValue of ['5e6', '-1', '1.5', '', '9'.repeat(16)]) {
    expect(() => notedSize(attributes(stringValue))).toThrow(InvalidJob);
  }
});

test.each([
  ['a class of somebody else', `["software.amazon.payloadoffloading.Evil",{"s3BucketName":"b","s3Key":"k"}]`],
  ['no object', `["software.amazon.payloadoffloading.PayloadS3Pointer"]`],
  ['two objects', `["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"b","s3Key":"k"},{}]`],
  ['another field', pointerTo({ bucket: 'b', key: 'k' }).replace('}', ',"x":1}')],
  ['__proto__', pointerTo({ bucket: 'b', key: 'k' }).replace('}', ',"__proto__":{"s3Key":"x"}}')],
  ['no bucket', pointerTo({ bucket: '', key: 'k' })],
  ['a number for a key', pointerTo({ bucket: 'b', key: 'k' }).replace('"k"', '1')],
  ['no key', pointerTo({ bucket: 'b', key: '' })],
  ['a key that is too long', pointerTo({ bucket: 'b', key: 'é'.repeat(513) })],
  ['a key that leads elsewhere', pointerTo({ bucket: 'b', key: '../other-bucket/secret' })],
  ['a control character in the key', pointerTo({ bucket: 'b', key: 'a\nb' })],
  ['half a surrogate pair', pointerTo({ bucket: 'b', key: 'a\ud800' })],
  ['too much of it', pointerTo({ bucket: 'b', key: 'k'.repeat(9_000) })],
  ['half of it', pointerTo({ bucket: 'b', key: 'k' }).slice(0, -3)],
])('a pointer with %s is refused, and none of it is repeated', (_what, body) => {
  expect(isPointer(body)).toBe(true);
  expect(() => parsePointer(body)).toThrow(InvalidJob);
  expect(() => parsePointer(body)).toThrow(
    /^the pointer to the payload cannot be read: [^"]*("s3BucketName"|"s3Key"|[^"])*$/,
  );
});

test('the longest key that S3 takes is read', () => {
  const key = 'é'.repeat(512);
  expect(parsePointer(pointerTo({ bucket: 'b', key }))).toEqual({ bucket: 'b', key });
});

const STARTS = [
  ...Object.values(WRITTEN_BY),
  '["software.amazon.payloadoffloading.',
  ' [ "com.amazon.sqs.javamessaging.',
];

test('no body makes the parser throw anything but InvalidJob, and every pointer that it reads is a place in S3', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .tuple(fc.constantFrom(...STARTS), fc.nat(200), fc.string({ unit: 'binary' }))
      .map(([start, at, rest]) => start.slice(0, at) + rest),
    fc
      .tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))
      .map(([bucket, key]) => pointerTo({ bucket, key })),
  );
  fc.assert(
    fc.property(hostile, (body) => {
      try {
        const { bucket, key } = parsePointer(body);
        expect(bucket).not.toBe('');
        expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1_024);
        expect(key.split('/')).not.toContain('..');
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidJob);
      }
      // What is taken for a pointer is never also a job, so no job is lost.
      if (isPointer(body)) expect(() => readJob(body)).toThrow(InvalidJob);
    }),
    { numRuns: 3_000 },
  );
});

test('a body of a megabyte that begins like a pointer costs no time', () => {
  const body = `["software.amazon.payloadoffloading.PayloadS3Pointer",${'['.repeat(1_000_000)}`;
  const started = performance.now();
  expect(isPointer(body)).toBe(true);
  expect(() => parsePointer(body)).toThrow('has 1000054 characters');
  expect(performance.now() - started).toBeLessThan(500);
});
