import type { SQSRecord } from 'aws-lambda';
import type { StoredRecord } from '../../src/ledger/record.ts';
import { REASON_ATTRIBUTE, reasonFor } from '../../src/queues/reason.ts';
import { firstHistory, historyOf, type Received, wouldLookSuspect } from '../../src/queues/redelivery.ts';
import type { Requeued } from '../../src/queues/requeued.ts';
import { UNTROUBLED } from '../ledger/stored-record.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const VISIBILITY_MS = 180_000;
const CLOCK = { now: NOW, visibilityMs: VISIBILITY_MS };

function record(awayMs: number, waitedMs = 0): SQSRecord {
  const firstReceive = NOW - awayMs;
  const attributes = {
    ApproximateFirstReceiveTimestamp: String(firstReceive),
    SentTimestamp: String(firstReceive - waitedMs),
  };
  return { messageId: 'm1', attributes } as unknown as SQSRecord;
}

function received({ receives = 2, awayMs = VISIBILITY_MS, requeued }: Delivery = {}): Received {
  return { record: record(awayMs), receiveCount: receives, requeued, type: 'triple', job: {} };
}

interface Delivery {
  receives?: number;
  awayMs?: number;
  requeued?: Requeued;
}

const failed = (more: Partial<StoredRecord> = {}): StoredRecord => ({
  ...UNTROUBLED,
  status: 'failed',
  fingerprint: 'f',
  owner: 'o',
  fencingToken: 1,
  leaseUntil: 0,
  ttl: NOW,
  messageId: 'm1',
  runs: 1,
  receives: 1,
  ...more,
});
const running = (more: Partial<StoredRecord> = {}) => failed({ status: 'running', leaseUntil: NOW - 1, ...more });

describe('a suspect is', () => {
  test.each<[string, Delivery, StoredRecord | undefined]>([
    ['what was away as long as a killed batch, and nothing is known of it', {}, undefined],
    ['what was away for half as long, since clocks differ', { awayMs: VISIBILITY_MS / 2 }, undefined],
    ['a lease that is over and left no outcome, however short', { awayMs: 0 }, running()],
    ['what failed, came back, and then left no outcome', { receives: 3 }, failed()],
    ['what another message of its job explains', {}, failed({ messageId: 'm2' })],
    ['a handler that could not be stopped', { awayMs: 0 }, failed({ receives: 0 })],
    ['a copy that says so', { receives: 1, awayMs: 0, requeued: { since: NOW, runs: 0, suspect: 0 } }, undefined],
  ])('%s', (_name, delivery, stored) => {
    expect(historyOf(received(delivery), stored, CLOCK).isSuspect).toBe(true);
  });
});

describe('no suspect is', () => {
  test.each<[string, Delivery, StoredRecord | undefined]>([
    ['what was away for less than a killed batch', { awayMs: VISIBILITY_MS / 2 - 1 }, undefined],
    ['what failed on its last receive', {}, failed()],
    ['what failed on its last receive of several', { receives: 4, awayMs: 3 * VISIBILITY_MS }, failed({ receives: 3 })],
    ['what another worker runs now', { awayMs: 0 }, running({ leaseUntil: NOW + 1 })],
    ['a copy that only was deferred', { receives: 1, awayMs: 0, requeued: { since: NOW, runs: 3 } }, undefined],
  ])('%s', (_name, delivery, stored) => {
    expect(historyOf(received(delivery), stored, CLOCK).isSuspect).toBe(false);
  });
});

test('a message that comes for the first time is no suspect, and has failed as often as its copy says', () => {
  const first = { record: record(0), requeued: undefined };
  expect(firstHistory(first)).toEqual({ runs: 0, isSuspect: false, aloneRuns: 0 });
  const copy = { record: record(0), requeued: { since: NOW, runs: 3, suspect: 1 } };
  expect(firstHistory(copy)).toEqual({ runs: 3, isSuspect: true, aloneRuns: 1 });
});

test('receives of a copy that ended in no run are none, where the record is of the message that it replaces', () => {
  const delivery = { receives: 3, requeued: { since: NOW, runs: 3 } };
  expect(historyOf(received(delivery), failed({ messageId: 'm0', runs: 3 }), CLOCK).runs).toBe(3);
  expect(historyOf(received(delivery), failed({ messageId: 'm0', runs: 4 }), CLOCK).runs).toBe(5);
});

test('a redriven dead letter that ended its process runs alone again', () => {
  const killer = {
    ...record(0),
    body: '{}',
    receiptHandle: 'r',
    messageAttributes: {},
  } as unknown as SQSRecord;
  const failure = { kind: 'permanent', errorClass: 'KilledItsProcess', message: 'the job ended its process' } as const;
  const worker = { functionName: 'f', functionVersion: '1' };
  const of = { record: killer, receiveCount: 1, requeued: undefined, type: 'triple', job: {} };
  const stringValue = JSON.stringify(reasonFor(of, failure, 1, worker, NOW));
  const redriven = (text: string) =>
    ({ ...killer, messageAttributes: { [REASON_ATTRIBUTE]: { stringValue: text } } }) as unknown as SQSRecord;
  expect(firstHistory({ record: redriven(stringValue), requeued: undefined }).isSuspect).toBe(true);
  const other = stringValue.replace('KilledItsProcess', 'TransientError');
  expect(firstHistory({ record: redriven(other), requeued: undefined }).isSuspect).toBe(false);
});

test.each<[string, StoredRecord | undefined, Requeued | undefined, number]>([
  ['nothing is known', undefined, undefined, 0],
  ['its record counts them', failed({ runs: 2 }), undefined, 2],
  ['its copy has carried more', failed({ runs: 2 }), { since: NOW, runs: 3 }, 3],
  ['another message of its job fails in turn with it', failed({ messageId: 'm2', runs: 9 }), undefined, 2],
])('failed runs where %s', (_name, stored, requeued, runs) => {
  expect(historyOf(received({ receives: 3, ...(requeued && { requeued }) }), stored, CLOCK).runs).toBe(runs);
});

test('runs alone count where they are of this message and left no outcome', () => {
  const aloneRuns = (stored: StoredRecord) => historyOf(received(), stored, CLOCK).aloneRuns;
  expect(aloneRuns(running({ aloneRuns: 2 }))).toBe(2);
  expect(aloneRuns(running({ aloneRuns: 2, messageId: 'm2' }))).toBe(0);
  expect(aloneRuns(failed({ aloneRuns: 2 }))).toBe(0);
});

test('what would come back as late as a killed batch goes back as a copy: its own delay and the queue it met count', () => {
  expect(wouldLookSuspect(record(0), 5_000, CLOCK)).toBe(false);
  expect(wouldLookSuspect(record(60_000), 30_000, CLOCK)).toBe(true);
  expect(wouldLookSuspect(record(0, 85_000), 5_000, CLOCK)).toBe(true);
  expect(wouldLookSuspect(record(0, 85_000), 5_000, { ...CLOCK, delayMs: 30_000 })).toBe(false);
  expect(wouldLookSuspect({ attributes: {} } as SQSRecord, 5_000, CLOCK)).toBe(false);
});
