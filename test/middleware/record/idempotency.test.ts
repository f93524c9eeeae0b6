import type { RecordContext } from '../../../src/middleware/record/context.ts';
import { idempotency } from '../../../src/middleware/record/idempotency.ts';

/** The entry of a job whose key is made so. */
async function entryOf(key: (job: Record<string, unknown>) => unknown, job: object) {
  const context = {
    message: { type: 't', receiveCount: 1 },
    history: { isSuspect: false },
    nextOwner: () => 'o',
  } as unknown as RecordContext;
  await idempotency({ key, claims: false } as never).before?.({ event: job, context } as never);
  return context.entry;
}

const id = ({ job_id }: Record<string, unknown>) => job_id;

test.each(['a', 'é😀', 'x'.repeat(2_048), '\u0000', '__proto__'])('the key %j is taken as it is', async (key) => {
  expect((await entryOf(id, { job_id: key }))?.key).toBe(key);
});

test.each<[string, string, string]>([
  ['no characters', '', 'the idempotency key, "job_id", is 0 bytes long, and DynamoDB takes 1 to 2048'],
  ['2,049 bytes', 'x'.repeat(2_049), 'the idempotency key, "job_id", is 2049 bytes long, and DynamoDB takes 1 to 2048'],
  ['a half of a pair at its end', 'x\ud800', 'the idempotency key, "job_id", is not well-formed Unicode'],
  ['a half of a pair at its start', '\udc00x', 'the idempotency key, "job_id", is not well-formed Unicode'],
])('a key of %s makes the job invalid, and names the field', async (_name, key, message) => {
  await expect(entryOf(id, { other: 1, job_id: key })).rejects.toThrow(
    expect.objectContaining({ name: 'InvalidJob', message: expect.stringContaining(message) }),
  );
});

test('a key that is no field is called the key', async () => {
  await expect(entryOf(({ a }) => `${a}\ud800`, { a: 'x' })).rejects.toThrow(
    'the idempotency key is not well-formed Unicode',
  );
});

test('a key() that answers no string is a fault of the code, which a deployment may mend', async () => {
  await expect(entryOf(() => 42, {})).rejects.toThrow(
    new TypeError("the job type's key() answered number, and a key is a string"),
  );
});
