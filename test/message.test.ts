import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { InvalidJob } from '../src/errors.ts';
import { readMessage } from '../src/message.ts';

const record = (body: string, attributes: object = { ApproximateReceiveCount: '3' }) =>
  ({ messageId: 'm', receiptHandle: 'r', body, attributes, messageAttributes: {} }) as unknown as SQSRecord;

test('a message without a type is a triple', () => {
  expect(readMessage(record('{"job_id":"a","value":1}'))).toMatchObject({ type: 'triple', receiveCount: 3 });
});

test('a message without attributes counts as received once', () => {
  expect(readMessage({ ...record('{}'), attributes: undefined } as never).receiveCount).toBe(1);
});

test('whatever the body is, reading it never throws, and what is invalid has no job', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((value) => JSON.stringify(value)),
      ),
      (body) => {
        const { invalid, job, type } = readMessage(record(body));
        if (invalid) {
          expect(invalid).toBeInstanceOf(InvalidJob);
          expect({ job, type }).toEqual({ job: {}, type: 'unknown' });
        } else {
          expect(job).toEqual(JSON.parse(body));
        }
      },
    ),
  );
});

test('a __proto__ key is found at any depth, the word in a value is no key', () => {
  const bodies = ['{"__proto__":1}', '{"a":[{"b":{"__proto__":{}}}]}', '{"a":{"\\u005f_proto__":1},"b":"__proto__"}'];
  for (const body of bodies) expect(readMessage(record(body)).invalid?.message).toMatch(/__proto__/);
  expect(readMessage(record('{"a":"__proto__"}')).invalid).toBeUndefined();
});
