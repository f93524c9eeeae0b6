import fc from 'fast-check';
import { type DeadLetterReason, readReason } from '../../src/queues/reason.ts';
import { growth, MOST_GROWTH, SHAPES } from '../hostile/shapes.ts';

const OURS: DeadLetterReason = {
  errorClass: 'TransientError',
  message: 'down',
  fingerprint: 'abcDEF-12345',
  kind: 'transient',
  attempts: 3,
  jobId: 'a',
  type: 'triple',
  functionName: 'sluice-prod-jobs',
  functionVersion: '$LATEST',
  firstFailedAt: '2026-01-01T00:00:00.000Z',
  lastFailedAt: '2026-01-01T01:00:00.000Z',
  messageId: '6f0f7a1c-5b0e-4f5e-9d7b-0d8e5d0f4f6c',
  overflow: { eleventh: { dataType: 'Binary.png', binaryValue: 'AP8=', stringListValues: [], binaryListValues: [] } },
};
const read = (over: object) => readReason(JSON.stringify({ ...OURS, ...over }));

test('a reason of ours is read as it was written, and fields that it has besides are left out', () => {
  expect(readReason(JSON.stringify(OURS))).toEqual(OURS);
  expect(read({ overflow: undefined, jobId: null })).toEqual({ ...OURS, overflow: undefined, jobId: null });
  expect(read({ added: 'by a later version', __proto__: 1 })).toEqual(OURS);
  expect(read({ errorClass: 'KilledItsProcess' })).toMatchObject({ errorClass: 'KilledItsProcess' });
});

const WRONG: Readonly<Record<keyof DeadLetterReason, readonly unknown[]>> = {
  errorClass: [undefined, '', 1, {}, 'a\nb', 'a\u009bb', 'a\u202eb', '\ud800', 'x'.repeat(257)],
  message: [undefined, null, 7, ['m'], 'x'.repeat(2_001)],
  fingerprint: [undefined, '', '$(touch x)', 'a b', "a'b", 'a\n', 'x'.repeat(65), 5],
  kind: [undefined, 'Transient', 'fatal', 0, '__proto__', 'constructor'],
  attempts: [undefined, '3', -1, 1.5, 1e9, null, true],
  jobId: [undefined, 4, 'x'.repeat(2_049), ['a']],
  type: [undefined, null, 4, 'x'.repeat(2_049)],
  functionName: [undefined, '', 'a b', 'x'.repeat(257), 1],
  functionVersion: [undefined, '', 7, '1\n2', 'x'.repeat(257)],
  firstFailedAt: [undefined, 0, 'yesterday', '2026-13-01T00:00:00.000Z', '2026-02-30T00:00:00.000Z', '2026-01-01'],
  lastFailedAt: [undefined, '', '+275760-09-13T00:00:00.000Z', '1969-01-01T00:00:00.000Z', ['2026-01-01']],
  messageId: [undefined, '', 5, 'a b', 'a$b', 'x'.repeat(101)],
  blocks: [null, 'true', 1, {}],
  overflow: [
    null,
    'x',
    [],
    { a: 1 },
    { a: { dataType: 'List', stringValue: 'x' } },
    { a: { dataType: 'String' } },
    { a: { dataType: 'String', stringValue: 5 } },
    { a: { dataType: 'String', stringValue: '' } },
    { a: { dataType: 'String', stringValue: '\ud800' } },
    { a: { dataType: 'Number', stringValue: '$(touch x)' } },
    { a: { dataType: 'Binary', binaryValue: 'not base64!' } },
    { 'a b': { dataType: 'String', stringValue: 'x' } },
    { ['x'.repeat(257)]: { dataType: 'String', stringValue: 'x' } },
    Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, { dataType: 'String', stringValue: 'x' }])),
  ],
};

test.each(Object.entries(WRONG))(
  'a reason whose %s has another form cannot be ours, and counts as none',
  (field, values) => {
    const taken = values.filter((value) => read({ [field]: value }) !== undefined);
    expect(taken).toEqual([]);
  },
);

test('an attribute called __proto__ that found no room is one as any other', () => {
  const text = JSON.stringify(OURS).replace('"eleventh"', '"__proto__"');
  expect(Object.keys(readReason(text)?.overflow ?? {})).toEqual(['__proto__']);
});

test('whatever a producer writes there, what is read is of our form, or nothing', () => {
  const field = fc.constantFrom(...(Object.keys(OURS) as (keyof DeadLetterReason)[]));
  const forged = fc
    .tuple(field, fc.anything({ withNullPrototype: true, withObjectString: true }))
    .map(([name, value]) => {
      try {
        return JSON.stringify({ ...OURS, [name]: value }, (_, each) => (typeof each === 'bigint' ? 1 : each));
      } catch {
        return '{';
      }
    });
  fc.assert(
    fc.property(fc.oneof(forged, fc.string(), fc.json()), (text) => {
      const reason = readReason(text);
      if (!reason) return;
      expect(new Date(reason.lastFailedAt).toISOString()).toBe(reason.lastFailedAt);
      expect(reason.fingerprint).toMatch(/^[\w-]{1,64}$/);
      expect(Number.isSafeInteger(reason.attempts)).toBe(true);
      expect(typeof reason.message).toBe('string');
    }),
    { numRuns: 2_000 },
  );
});

describe('what 1 MiB costs to look at grows with its length, and no faster', () => {
  const places: Record<string, (text: string) => string> = {
    alone: (text) => text,
    ...Object.fromEntries(
      ['message', 'type', 'overflow', 'extra'].map((name) => [
        name,
        (text: string) => JSON.stringify({ ...OURS, [name]: text }),
      ]),
    ),
    inside: (text) => JSON.stringify({ ...OURS, errorClass: 0 }).replace(':0', () => `:${text}`),
  };
  test.each(Object.entries(SHAPES))('%s', (_, shape) => {
    for (const place of Object.values(places)) expect(growth(shape, readReason, place)).toBeLessThan(MOST_GROWTH);
  });
});
