import { jest } from '@jest/globals';
import { type FickleS3, fickleS3, type Mood } from './fickle-s3.ts';
import { documentOf, type FunctionWorld, functionWorld, pointer, record } from './function-world.ts';

jest.setTimeout(120_000);

let s3: FickleS3;
let world: FunctionWorld;
beforeEach(async () => {
  s3 = await fickleS3(() => world.cloud.endpoint);
  world = await functionWorld({ AWS_ENDPOINT_URL_S3: s3.endpoint });
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
  await s3[Symbol.asyncDispose]();
});

test.each<[Mood, string]>([
  // The SDK's own pauses may be longer than the time that a payload has.
  ['down', 'cannot be read from S3|was not read from S3 within'],
  ['silent', 'was not read from S3 within'],
  ['stalling', 'was not read from S3 within'],
  ['cut off', 'cannot be read from S3: Error: aborted'],
  ['corrupt', 'cannot be read from S3: Error: Checksum mismatch'],
  ['denied', 'cannot be read from S3: AccessDenied'],
  ['busy', 'SlowDown|was not read from S3 within'],
])('while S3 is %s its jobs come back and none is dead, and the others of the batch are done', async (mood, why) => {
  const body = documentOf('far', 100_000);
  await world.put('far', body);
  s3.mood = mood;
  const far = record(pointer(world.bucket, 'far'), { size: 100_000 });
  const near = [record(documentOf('near-1', 100)), record(documentOf('near-2', 100))];
  expect(await world.invoke([far, ...near])).toEqual({ batchItemFailures: [{ itemIdentifier: far.messageId }] });
  expect(await world.hasResult('near-1')).toBe(true);
  expect(await world.hasResult('near-2')).toBe(true);
  const [{ details }] = world.logged('batch_processed') as [{ details: Record<string, unknown> }];
  expect(details).toMatchObject({ verdicts: { done: 2, dead: 0, deferred: 1 }, unfinished: 0 });
  expect(Object.keys(details.deferrals as object)).toEqual([expect.stringMatching(why)]);

  s3.mood = 'well';
  expect(await world.invoke([far])).toEqual({ batchItemFailures: [] });
  expect(await world.hasResult('far')).toBe(true);
});

test('more payloads than a slow S3 can send in time are not started: no request is left behind, and no failure is counted', async () => {
  s3.mood = 'silent';
  const body = pointer(world.bucket, 'far');
  // Each takes all the memory that there is for payloads, because its message does not say its size.
  const records = Array.from({ length: 8 }, (_, i) => record(body.replace('far', `far-${i}`)));
  const failed = await world.invoke(records);
  expect(failed.batchItemFailures).toHaveLength(8);
  const [{ details }] = world.logged('batch_processed') as [{ details: Record<string, unknown> }];
  expect(details).toMatchObject({ verdicts: { dead: 0, retry: 0 }, unfinished: 0 });
  const { notStarted, deferred } = details.verdicts as Record<string, number>;
  expect((notStarted ?? 0) + (deferred ?? 0)).toBe(8);
  expect(notStarted).toBeGreaterThan(0);
});

test('a message waits on its queue until S3 is back', async () => {
  await world.put('far', documentOf('far', 100_000));
  s3.mood = 'down';
  await world.send(pointer(world.bucket, 'far'), 100_000);
  while (world.logged('batch_processed').length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await world.hasResult('far')).toBe(false);
  s3.mood = 'well';
  await world.result('far');
}, 60_000);
