import type { SQSRecord } from 'aws-lambda';
import validate, { type Triple } from '#schemas/triple';
import { PermanentError, TransientError } from '../../src/failures/errors.ts';
import { defineJob } from '../../src/job.ts';
import { REQUEUED_ATTRIBUTE } from '../../src/queues/requeued.ts';
import { startWorld, type World } from '../world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.close());

const failing = defineJob<Triple>({
  schema: validate,
  key: ({ job_id }) => job_id,
  // Comes back at once.
  retry: { baseMs: 0, capMs: 0, attempts: 5 },
  handle({ value }) {
    throw value === 0 ? new PermanentError('never') : new TransientError('down');
  },
});
const onReceive = (record: SQSRecord | undefined, count: number) =>
  ({ ...record, attributes: { ...record?.attributes, ApproximateReceiveCount: String(count) } }) as SQSRecord;
const tenantOf = (record: SQSRecord | undefined) => record?.attributes.MessageGroupId;

test('the tenant of a message on a standard queue arrives, and a requeued copy keeps it; messages without one get none', async () => {
  await world.send([{ job_id: 'a', value: 1 }], { MessageGroupId: 'tenant-1' });
  await world.send([{ job_id: 'b', value: 1 }]);
  const records = await world.receive();
  expect(records.map(tenantOf).sort()).toEqual(['tenant-1', undefined]);
  await world.worker({ triple: failing })(records.map((record) => onReceive(record, 4)));
  const copies = (await world.receive()).filter(({ messageAttributes }) => REQUEUED_ATTRIBUTE in messageAttributes);
  expect(copies.map((copy) => [JSON.parse(copy.body).job_id, tenantOf(copy)]).sort()).toEqual([
    ['a', 'tenant-1'],
    ['b', undefined],
  ]);
});

test('a dead letter keeps the tenant of its message', async () => {
  await world.send([{ job_id: 'a', value: 0 }], { MessageGroupId: 'tenant-1' });
  await world.worker({ triple: failing })(await world.receive());
  const letters = await world.deadLetters();
  expect(letters.map(({ Attributes }) => Attributes?.MessageGroupId)).toEqual(['tenant-1']);
});
