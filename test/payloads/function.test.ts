import { jest } from '@jest/globals';
import { documentOf, type FunctionWorld, functionWorld, pointer, record } from './function-world.ts';

jest.setTimeout(120_000);

const DAY = 86_400_000;
let world: FunctionWorld;
afterEach(() => world[Symbol.asyncDispose]());

test('a job of 5 MB is done from its queue to the table, with what was sent beside it', async () => {
  world = await functionWorld();
  const body = documentOf('large', 5_000_000);
  await world.put('large', body);
  await world.send(documentOf('small', 100));
  await world.send(pointer(world.bucket, 'large'), body.length);
  const text: string = JSON.parse(body).text;
  expect(await world.result('large')).toMatchObject({
    M: { bytes: { N: String(text.length) }, words: { N: String(text.match(/\S+/g)?.length) } },
  });
  await world.result('small');
});

test('a missing payload is waited for while its message is young, and dead once it must have expired; the pointer stays as it was', async () => {
  world = await functionWorld();
  const body = pointer(world.bucket, 'gone');
  const young = record(body, { sentAt: Date.now() - 29 * DAY });
  const old = record(body, { sentAt: Date.now() - 31 * DAY, size: 10 });
  const neighbour = record(documentOf('neighbour', 100));
  // The young one goes back to its queue as a copy, since it waited there for long.
  expect(await world.invoke([young, old, neighbour])).toEqual({ batchItemFailures: [] });
  const letter = await world.letter();
  expect(letter.Body).toBe(body);
  expect(letter.MessageAttributes?.ExtendedPayloadSize).toEqual({ DataType: 'Number', StringValue: '10' });
  expect(letter.reason).toMatchObject({
    errorClass: 'PayloadExpired',
    message: expect.stringContaining('31 days ago'),
  });
  expect(await world.hasResult('neighbour')).toBe(true);
  const [{ details }] = world.logged('batch_processed') as [{ details: { deferrals: object } }];
  expect(details).toMatchObject({ requeued: 1, verdicts: { done: 1, dead: 1, deferred: 1 } });
  expect(Object.keys(details.deferrals)).toEqual([expect.stringContaining('not old enough to have expired')]);
});

test('a copy and a redriven letter are as old as their first message', async () => {
  world = await functionWorld();
  const body = pointer(world.bucket, 'gone');
  const text = (value: object) => ({ stringValue: JSON.stringify(value), dataType: 'String' });
  const long = Date.now() - 31 * DAY;
  const copy = record(body, { attributes: { SluiceRequeued: text({ since: long, runs: 0 }) } });
  expect(await world.invoke([copy])).toEqual({ batchItemFailures: [] });
  expect((await world.letter()).reason.errorClass).toBe('PayloadExpired');
});

test.each<[string, (bucket: string) => object, string]>([
  [
    'another bucket',
    () => record(pointer('somebody-elses', 'whole'), { size: 100 }),
    'another bucket than PAYLOADS_BUCKET',
  ],
  [
    'a wrong size',
    (bucket) => record(pointer(bucket, 'whole'), { size: 101 }),
    'has 100 bytes, and its message says 101',
  ],
  ['a pointer without a key', (bucket) => record(pointer(bucket, '')), '"s3Key" is no key of an object'],
  [
    'a size above the limit',
    (bucket) => record(pointer(bucket, 'whole'), { size: 2_000 }),
    'MAX_PAYLOAD_BYTES is 1000',
  ],
  [
    'an object above the limit',
    (bucket) => record(pointer(bucket, 'huge')),
    'at least 1001 bytes, and MAX_PAYLOAD_BYTES is 1000',
  ],
  ['bytes that are no text', (bucket) => record(pointer(bucket, 'binary')), 'no text in UTF-8'],
  ['a payload that is no job', (bucket) => record(pointer(bucket, 'pointer')), 'must be a JSON object, not an array'],
  [
    'a payload that its schema refuses',
    (bucket) => record(pointer(bucket, 'invalid')),
    'document: /text must be string',
  ],
])('%s is dead at once, says why, and touches no neighbour', async (_name, recordOf, why) => {
  world = await functionWorld({ MAX_PAYLOAD_BYTES: '1000' });
  await Promise.all([
    world.put('whole', documentOf('whole', 100)),
    world.put('huge', documentOf('huge', 1_001)),
    world.put('binary', Buffer.from([0xff, 0xfe, 0xfd])),
    world.put('pointer', pointer(world.bucket, 'pointer')),
    world.put('invalid', '{"job_id":"invalid","text":1}'),
  ]);
  const neighbours = [record(documentOf('a', 100)), record(pointer(world.bucket, 'whole'), { size: 100 })];
  const bad = recordOf(world.bucket) as ReturnType<typeof record>;
  expect(await world.invoke([bad, ...neighbours])).toEqual({ batchItemFailures: [] });
  const letter = await world.letter();
  expect(letter.Body).toBe(bad.body);
  expect(letter.reason).toMatchObject({ errorClass: 'InvalidJob', message: expect.stringContaining(why) });
  expect(letter.reason.message).not.toContain('somebody');
  expect(await world.hasResult('a')).toBe(true);
  expect(await world.hasResult('whole')).toBe(true);
});

test('the dead letter of a job names the job that was in the payload', async () => {
  world = await functionWorld();
  await world.put('conflict', documentOf('taken', 200));
  await world.invoke([record(documentOf('taken', 100))]);
  await world.invoke([record(pointer(world.bucket, 'conflict'))]);
  const letter = await world.letter();
  expect(letter.Body).toBe(pointer(world.bucket, 'conflict'));
  expect(letter.reason).toMatchObject({ errorClass: 'PayloadConflict', jobId: 'taken' });
});

test('together, payloads take no more memory than one may, and each of many is done', async () => {
  world = await functionWorld({ MAX_PAYLOAD_BYTES: '1000' });
  const keys = Array.from({ length: 40 }, (_, i) => `job-${i}`);
  await Promise.all(keys.map((key) => world.put(key, documentOf(key, 400))));
  const records = keys.map((key, i) => record(pointer(world.bucket, key), i % 2 ? { size: 400 } : {}));
  expect(await world.invoke(records)).toEqual({ batchItemFailures: [] });
  for (const key of keys) expect(await world.hasResult(key)).toBe(true);
});
