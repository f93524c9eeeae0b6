import { Deferred, NotStarted, PermanentError, TransientError } from '../../../src/failures/errors.ts';
import { verdictOf } from '../../../src/middleware/record/classification.ts';

const FACTS = {
  receiveCount: 2,
  runs: 2,
  lastRun: 4,
  retry: { baseMs: 1_000, capMs: 60_000, attempts: 5 },
  now: 0,
  random: 0.5,
};

test('a transient error is retried after its back-off', () => {
  expect(verdictOf(new TransientError('x'), FACTS)).toMatchObject({ kind: 'retry', afterMs: 1_000 });
});

test('Retry-After lengthens the back-off and never shortens it', () => {
  expect(verdictOf(new TransientError('x', { retryAfterMs: 9_000 }), FACTS)).toMatchObject({ afterMs: 9_000 });
  expect(verdictOf(new TransientError('x', { retryAfterMs: 10 }), FACTS)).toMatchObject({ afterMs: 1_000 });
});

test('Retry-After is believed for up to 15 minutes, or as the job type says', () => {
  const hours = new TransientError('x', { retryAfterMs: 11 * 3_600_000 });
  expect(verdictOf(hours, FACTS)).toMatchObject({ afterMs: 900_000 });
  expect(verdictOf(hours, { ...FACTS, retry: { ...FACTS.retry, retryAfterCapMs: 5_000 } })).toMatchObject({
    afterMs: 5_000,
  });
});

test.each([3, 4, 5])('on run %d of 4 a transient error is retried below the last one only', (runs) => {
  const { kind } = verdictOf(new Error('x'), { ...FACTS, runs });
  expect(kind).toBe(runs < 4 ? 'retry' : 'dead');
});

test('receives that ended in no run make no job dead', () => {
  expect(verdictOf(new Error('x'), { ...FACTS, receiveCount: 99, runs: 1 })).toMatchObject({ kind: 'retry', runs: 1 });
});

test('a permanent error is dead on any receive', () => {
  expect(verdictOf(new PermanentError('x'), { ...FACTS, receiveCount: 1 })).toMatchObject({ kind: 'dead' });
});

test('what is not the job’s fault never makes it dead', () => {
  const late = { ...FACTS, receiveCount: 99 };
  expect(verdictOf(new NotStarted('x'), late)).toEqual({ kind: 'notStarted' });
  expect(verdictOf(new Deferred('held', { afterMs: 7 }), late)).toEqual({ kind: 'deferred', afterMs: 7, why: 'held' });
  expect(verdictOf(new Deferred('down'), late)).toMatchObject({ kind: 'deferred', afterMs: 150_000 });
  const held = new Deferred('held', { afterMs: 60_000 });
  expect(verdictOf(held, { ...late, receiveCount: 1 })).toMatchObject({ afterMs: 2_500 });
});
