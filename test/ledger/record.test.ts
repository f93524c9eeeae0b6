import fc from 'fast-check';
import type { Json } from '../../src/job.ts';
import { ownerNames, payloadFingerprint, type StoredRecord, standing } from '../../src/ledger/record.ts';
import { UNTROUBLED } from './stored-record.ts';

const NOW = 1_000_000;
const mine = { owner: 'me', fingerprint: 'f' };
const record = (more: Partial<StoredRecord>): StoredRecord => ({
  ...UNTROUBLED,
  status: 'done',
  fingerprint: 'f',
  owner: 'other',
  fencingToken: 1,
  leaseUntil: 0,
  ttl: 10_000,
  ...more,
});

describe('standing', () => {
  test.each<[string, Partial<StoredRecord>, string]>([
    ['my own write', { owner: 'me' }, 'ours'],
    ['my own write, though expired', { owner: 'me', ttl: 1 }, 'ours'],
    ['a result of this payload', {}, 'done'],
    ['a result of another payload', { fingerprint: 'g' }, 'conflict'],
    ['a result without a fingerprint', { fingerprint: '' }, 'done'],
    ['an expired result', { ttl: NOW / 1000 }, 'free'],
    ['an expired result of another payload', { ttl: 1, fingerprint: 'g' }, 'free'],
    ['a result that expires in a second', { ttl: NOW / 1000 + 1 }, 'done'],
    ['a live lease', { status: 'running', leaseUntil: NOW + 1 }, 'leased'],
    ['a lease that ends now', { status: 'running', leaseUntil: NOW }, 'free'],
    ['a lease of another payload, live', { status: 'running', leaseUntil: NOW + 1, fingerprint: 'g' }, 'conflict'],
    ['a lease of another payload, over', { status: 'running', leaseUntil: 1, fingerprint: 'g' }, 'conflict'],
    ['a failed run', { status: 'failed' }, 'free'],
    ['a failed run of another payload', { status: 'failed', fingerprint: 'g' }, 'conflict'],
    ['a dead job', { status: 'dead' }, 'free'],
    ['a dead job of another payload', { status: 'dead', fingerprint: 'g' }, 'free'],
  ])('%s', (_name, stored, expected) => {
    expect(standing(record(stored), mine, NOW)).toBe(expected);
  });
});

describe('payloadFingerprint', () => {
  const shuffled = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, field]) => [key, shuffled(field as Json)]),
    );
  };
  const job = fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<Json>);

  test('does not depend on the order of keys or on white space', () => {
    fc.assert(
      fc.property(job, (payload) => {
        const reread = JSON.parse(JSON.stringify(shuffled(payload), undefined, 3));
        expect(payloadFingerprint('t', reread)).toBe(payloadFingerprint('t', JSON.parse(JSON.stringify(payload))));
      }),
    );
  });

  test('differs wherever payload or type differ', () => {
    const all = [
      {},
      { a: 1 },
      { a: '1' },
      { a: [1] },
      { a: null },
      { b: 1 },
      { a: 1, b: 1 },
      { a: { b: 1 } },
      { 'a":1,"b': 1 },
    ];
    const fingerprints = [...all.map((payload) => payloadFingerprint('t', payload)), payloadFingerprint('u', {})];
    expect(new Set(fingerprints).size).toBe(fingerprints.length);
  });

  // Stored records hold fingerprints of earlier versions.
  test.each([
    ['{"job_id":"job-123456","value":42}', 'e-Bopf0n7Rv8Pjg-9BxuDc'],
    [
      '{"10":1e999,"9":-0,"b":[-1e999,1e21,1e-7,true,null,"\\ud800\\u0001é"],"a":{"z":[],"y":{}},"type":"x"}',
      'nU8HofuZ9S-e3qbMg2iJ7t',
    ],
  ])('of %s is what it always was', (payload, fingerprint) => {
    expect(payloadFingerprint('t', JSON.parse(payload))).toBe(fingerprint);
  });

  test('is the same whether or not the default type is named', () => {
    expect(payloadFingerprint('triple', { type: 'triple', a: 1 })).toBe(payloadFingerprint('triple', { a: 1 }));
  });
});

test('owner names differ within an invocation and between two', () => {
  const [one, two] = [ownerNames(), ownerNames()];
  const names = [one(), one(), two(), two()];
  expect(new Set(names).size).toBe(4);
});
