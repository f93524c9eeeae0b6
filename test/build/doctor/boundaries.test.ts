import fc from 'fast-check';
import { latestStart } from '../../../build/doctor/rules/batches.ts';
import { broken } from './world.ts';

const DAY = 86_400;
const STEPS = [-1, 0, 1] as const;

/** Holds for the values one below, at and one above a limit: exactly those that `refused` picks break the rule. */
function expectRefusal(rule: string, changes: (step: number) => Record<string, unknown>, refused: number[]) {
  expect(STEPS.filter((step) => broken(changes(step)).includes(rule))).toEqual(refused);
}

test('the visibility timeout may be six function timeouts and the window, and not a second less', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 300 }), (timeout, window) => {
      const changes = (step: number) => ({
        'Worker.Timeout': timeout,
        'Mapping.MaximumBatchingWindowInSeconds': window,
        'Queue.VisibilityTimeout': 6 * timeout + window + step,
      });
      expectRefusal('visibility-below-six-timeouts', changes, [-1]);
      expectRefusal('visibility-below-timeout', changes, []);
    }),
  );
});

test('a visibility timeout of one function timeout is refused by one of the two rules, never by both', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 900 }), (timeout) => {
      const changes = (step: number) => ({ 'Worker.Timeout': timeout, 'Queue.VisibilityTimeout': timeout + step });
      expectRefusal('visibility-below-timeout', changes, [-1]);
      expectRefusal('visibility-below-six-timeouts', changes, [0, 1]);
    }),
  );
});

test('a batch may take the function’s timeout, counted in rounds of the worker’s slots', () => {
  const batches = fc.record({
    concurrency: fc.integer({ min: 1, max: 100 }),
    rounds: fc.integer({ min: 1, max: 50 }),
    // Hundredths, which binary fractions do not hit.
    hundredths: fc.integer({ min: 1, max: 1000 }),
  });
  fc.assert(
    fc.property(batches, ({ concurrency, rounds, hundredths }) => {
      const seconds = (rounds * hundredths) / 100;
      fc.pre(Number.isInteger(seconds) && seconds >= 2);
      const changes = (batchSize: number, timeout: number) => ({
        'Worker.Timeout': timeout,
        'Worker.Environment.Variables.WORKER_CONCURRENCY': String(concurrency),
        'Mapping.BatchSize': batchSize,
        'Queue.Metadata.Sluice.JobSeconds': hundredths / 100,
      });
      const full = rounds * concurrency;
      expectRefusal('batch-exceeds-timeout', (step) => changes(full, seconds + step), [-1]);
      expectRefusal('batch-exceeds-timeout', (step) => changes(full + step, seconds), [1]);
    }),
  );
});

test('the last job of a batch may start when the worker’s deadline still lets it, and not later', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 20 }), (timeout, rounds) => {
      const millisecond = 0.001;
      const changes = (step: number) => ({
        'Worker.Timeout': timeout,
        'Mapping.BatchSize': (rounds + 1) * 10,
        'Queue.Metadata.Sluice.JobSeconds': latestStart(timeout) / rounds + step * millisecond,
      });
      const finishes = !broken(changes(1)).includes('batch-exceeds-timeout');
      expectRefusal('batch-starts-late', changes, finishes ? [1] : []);
    }),
  );
});

test('records live as long as the longest way of a message through its queues, and not a day less', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 14 }), (queueDays, deadDays) => {
      const changes = (step: number) => ({
        'Queue.MessageRetentionPeriod': queueDays * DAY,
        'Dead.MessageRetentionPeriod': deadDays * DAY,
        'Worker.Environment.Variables.RESULT_TTL_DAYS': String(4 + queueDays + deadDays + step),
      });
      expectRefusal('records-expire-early', changes, [-1]);
    }),
  );
});

test('dead letters are kept longer than messages, be it by a second', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 14 * DAY }), (retention) => {
      const changes = (step: number) => ({
        'Queue.MessageRetentionPeriod': retention,
        'Dead.MessageRetentionPeriod': retention + step,
      });
      expectRefusal('dead-letter-retention', changes, [-1, 0]);
    }),
  );
});
