import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { InvalidJob } from '../../src/failures/errors.ts';
import { readMessage } from '../../src/queues/message.ts';

const read = (record: Parameters<typeof readMessage>[0]) => readMessage(record, 'triple');

const record = (body: string, attributes: object = { ApproximateReceiveCount: '3' }) =>
  ({ messageId: 'm', receiptHandle: 'r', body, attributes, messageAttributes: {} }) as unknown as SQSRecord;

test('a message without a type is a triple', () => {
  expect(read(record('{"job_id":"a","value":1}'))).toMatchObject({ type: 'triple', receiveCount: 3 });
});

test('a message without attributes counts as received once', () => {
  expect(read({ ...record('{}'), attributes: undefined } as never).receiveCount).toBe(1);
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
        const { invalid, job, type } = read(record(body));
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

test('a __proto__ key is found at any depth and in any spelling, the word in a value is no key', () => {
  const disguised = [...'__proto__'].map((letter, i) => {
    const spelled = `\\u00${letter.charCodeAt(0).toString(16)}`;
    return `{"a":{"${'__proto__'.slice(0, i)}${i % 2 ? spelled.toUpperCase().replace('U', 'u') : spelled}${'__proto__'.slice(i + 1)}":1}}`;
  });
  const bodies = ['{"__proto__":1}', '{"a":[{"b":{"__proto__":{}}}]}', ...disguised];
  for (const body of bodies) expect(read(record(body)).invalid?.message).toMatch(/__proto__/);
  for (const body of ['{"a":"__proto__"}', '{"a":"\\u005f_proto__"}', '{"\\u00e9":"\\u0070"}']) {
    expect(read(record(body)).invalid).toBeUndefined();
  }
});

test('128 levels are read, one more is refused before anything walks them', () => {
  const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
  expect(read(record(nested(128))).invalid).toBeUndefined();
  for (const levels of [129, 50_000, 500_000]) {
    expect(read(record(nested(levels))).invalid?.message).toBe('the body is nested deeper than 128 levels');
  }
});

test.each<[string, string]>([
  ['{"secret": sk_live_abc}', 'the body is not JSON: see character 11 of 23'],
  ['{"secret": "sk_live_abc"', 'the body is not JSON: it ends too soon, after 24 characters'],
  ['sk_live_abc', 'the body is not JSON: see character 0 of 11'],
  ['"sk_live_abc"', 'the body must be a JSON object, not a string'],
  ['["sk_live_abc"]', 'the body must be a JSON object, not an array'],
  ['true', 'the body must be a JSON object, not a boolean'],
  ['null', 'the body must be a JSON object, not null'],
  ['{"type":{"a":"sk_live_abc"}}', '"type" must be a string, not an object'],
  ['{"type":["sk_live_abc"]}', '"type" must be a string, not an array'],
  ['{"type":null}', '"type" must be a string, not null'],
  [
    '{"type":"sk live abc"}',
    expect.stringMatching(/^"type" is a text of 11 characters that is no job type's name/) as never,
  ],
  ['{"type":""}', expect.stringMatching(/^"type" is a text of 0 characters/) as never],
  ['{"type":"\\ud800"}', expect.stringMatching(/^"type" is a text of 1 characters/) as never],
])('%s is refused by what and where, not by which value', (body, message) => {
  expect(read(record(body)).invalid?.message).toEqual(message);
});

test('a message without a type is of the queue’s default type, and no job where there is none', () => {
  expect(readMessage(record('{"job_id":"a"}'), 'greet')).toMatchObject({ type: 'greet' });
  expect(readMessage(record('{"job_id":"a","type":"triple"}'), 'greet')).toMatchObject({ type: 'triple' });
  expect(readMessage(record('{"job_id":"a"}'), undefined).invalid?.message).toBe(
    'the job has no "type", and its queue has no default type',
  );
});
