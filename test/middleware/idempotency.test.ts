import { idempotency } from '../../src/middleware/idempotency.ts';
import type { RecordContext } from '../../src/record-context.ts';

/** The entry of a job whose key is made so. */
function entryOf(key: (job: Record<string, unknown>) => unknown, job: object) {
  const context = { message: { type: 't' }, nextOwner: () => 'o' } as unknown as RecordContext;
  idempotency({ key, claims: false } as never).before?.({ event: job, context } as never);
  return context.entry;
}

const id = ({ job_id }: Record<string, unknown>) => job_id;

test.each(['a', 'é😀', 'x'.repeat(2_048), '\u0000', '__proto__'])('the key %j is taken as it is', (key) => {
  expect(entryOf(id, { job_id: key })?.key).toBe(key);
});

test.each<[string, string, string]>([
  ['no characters', '', 'the idempotency key, "job_id", is 0 bytes long, and DynamoDB takes 1 to 2048'],
  ['2,049 bytes', 'x'.repeat(2_049), 'the idempotency key, "job_id", is 2049 bytes long, and DynamoDB takes 1 to 2048'],
  ['a half of a pair at its end', 'x\ud800', 'the idempotency key, "job_id", is not well-formed Unicode'],
  ['a half of a pair at its start', '\udc00x', 'the idempotency key, "job_id", is not well-formed Unicode'],
])('a key of %s makes the job invalid, and names the field', (_name, key, message) => {
  expect(() => entryOf(id, { other: 1, job_id: key })).toThrow(
    expect.objectContaining({ name: 'InvalidJob', message: expect.stringContaining(message) }),
  );
});

test('a key that is no field is called the key', () => {
  expect(() => entryOf(({ a }) => `${a}\ud800`, { a: 'x' })).toThrow('the idempotency key is not well-formed Unicode');
});

test('a key() that answers no string is a fault of the code, which a deployment may mend', () => {
  expect(() => entryOf(() => 42, {})).toThrow(
    new TypeError("the job type's key() answered number, and a key is a string"),
  );
});
