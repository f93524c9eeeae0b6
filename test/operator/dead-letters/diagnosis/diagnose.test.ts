import { diagnose, type Known } from '../../../../operator/dead-letters/diagnosis/diagnose.ts';
import type { DeadLetter } from '../../../../operator/dead-letters/reading/letter.ts';
import { filterOf } from '../../../../operator/dead-letters/selecting/filter.ts';
import type { StoredRecord } from '../../../../src/ledger/record.ts';
import { UNTROUBLED } from '../../../ledger/stored-record.ts';

const NOW = 1_800_000_000_000;

const letter = (system: Record<string, string> = {}): DeadLetter => ({
  messageId: 'm',
  body: '{"job_id":"a","value":1}',
  attributes: {},
  system: { SentTimestamp: String(NOW - 60_000), ApproximateReceiveCount: '5', ...system },
  reason: undefined,
  jobId: 'a',
  type: 'triple',
});
const moved = letter({ DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:1:jobs' });
const job = { type: 't', key: 'a', fingerprint: 'f' };
const record = (fields: Partial<StoredRecord>): Known => ({
  job,
  claims: true,
  record: {
    ...UNTROUBLED,
    status: 'done',
    fingerprint: 'f',
    owner: 'o',
    fencingToken: 2,
    leaseUntil: 0,
    ttl: NOW / 1000 + 1,
    ...fields,
  },
});
const nothing: Known = { job, claims: true, record: undefined };

test.each<[string, DeadLetter, Known]>([
  ['AlreadyDone', moved, record({})],
  ['NotHandedOver', moved, record({ handOver: '{}' })],
  ['FailedEachTime', moved, record({ status: 'failed' })],
  ['FailedForGood', moved, record({ status: 'dead', fingerprint: 'other' })],
  ['KilledOrTimedOut', moved, record({ status: 'running', leaseUntil: NOW })],
  ['StillRunning', moved, record({ status: 'running', leaseUntil: NOW + 1 })],
  ['PayloadConflict', moved, record({ fingerprint: 'other' })],
  ['NeverRan', moved, nothing],
  ['NeverRan', moved, record({ ttl: NOW / 1000 })],
  ['NeverRan', moved, { ...nothing, job: { problem: 'no JSON' } }],
  ['NeverRanOrKilled', moved, { ...nothing, claims: false }],
  ['SentHere', letter(), nothing],
  ['AlreadyDone', letter(), record({})],
  ['Unknown', moved, { ...nothing, unreadable: 'no such table' }],
])('%s is concluded', (errorClass, dead, known) => {
  const diagnosis = diagnose(dead, known, NOW);
  expect(diagnosis).toMatchObject({ errorClass, recorded: false });
  expect(diagnosis.fingerprint).toMatch(/^[\w-]{12}$/);
});

test('ages count from the death, exactly, and a concluded class can be filtered by', () => {
  const passes = (filter: Parameters<typeof filterOf>[0]) =>
    filterOf(filter)(moved, NOW, diagnose(moved, nothing, NOW));
  expect(passes({})).toBe(true);
  expect(passes({ olderThanMs: 59_999 })).toBe(true);
  expect(passes({ olderThanMs: 60_000 })).toBe(false);
  expect(passes({ newerThanMs: 60_001 })).toBe(true);
  expect(passes({ newerThanMs: 60_000 })).toBe(false);
  expect(passes({ errorClass: 'NeverRan' })).toBe(true);
  expect(passes({ errorClass: 'AlreadyDone' })).toBe(false);
  expect(passes({ group: 'g' })).toBe(false);
  expect(filterOf({ where: [] })({ ...moved, body: 'no json' }, NOW)).toBe(true);
});
