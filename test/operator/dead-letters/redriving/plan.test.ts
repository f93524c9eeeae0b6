import fc from 'fast-check';
import type { DeadLetter } from '../../../../operator/dead-letters/reading/letter.ts';
import { OUTCOMES } from '../../../../operator/dead-letters/redriving/decision.ts';
import { Pacer } from '../../../../operator/dead-letters/redriving/pacer.ts';
import { actionOf, PlanBuilder } from '../../../../operator/dead-letters/redriving/plan.ts';
import { PlannedLetters } from '../../../../operator/dead-letters/redriving/planned-letters.ts';

function letter(messageId: string, type = 'triple'): DeadLetter {
  return { messageId, body: '', attributes: {}, system: {}, reason: undefined, jobId: undefined, type };
}

test('a plan counts each letter once, and remembers an action for those only that it moves', () => {
  const planned = fc.record({
    queue: fc.constantFrom('jobs', 'mail'),
    type: fc.constantFrom('triple', 'webhook'),
    fingerprint: fc.constantFrom('f1', 'f2'),
    outcome: fc.constantFrom(...OUTCOMES),
  });
  fc.assert(
    fc.property(fc.array(planned, { maxLength: 200 }), (all) => {
      const builder = new PlanBuilder();
      for (const [i, { queue, type, fingerprint, outcome }] of all.entries()) {
        builder.add(
          queue,
          letter(`m${i}`, type),
          { fingerprint, errorClass: 'E', message: 'm', recorded: true },
          { outcome, why: '' },
        );
      }
      const { groups, totals } = builder.build();
      const grouped = groups.reduce((sum, { count }) => sum + count, 0);
      expect(grouped + totals.notSelected).toBe(all.length);
      for (const outcome of OUTCOMES) {
        const expected = all.filter((each) => each.outcome === outcome).length;
        expect(totals[outcome]).toBe(expected);
        const inGroups = groups.filter((group) => group.outcome === outcome);
        const shown = outcome === 'notSelected' ? 0 : expected;
        expect(inGroups.reduce((sum, { count }) => sum + count, 0)).toBe(shown);
      }
      for (const [i, { outcome }] of all.entries()) expect(builder.planned.actionOn(`m${i}`)).toBe(actionOf(outcome));
    }),
  );
});

test('a letter is open until something has become of it, and its neighbours stay as they are', () => {
  const planned = new PlannedLetters();
  planned.plan('one', 'send');
  planned.plan('two', 'drop');
  for (const id of ['one', 'one', 'behind-a-head']) planned.finish(id);
  expect([planned.size, planned.open]).toEqual([3, 1]);
  expect(['one', 'two', 'behind-a-head', 'other'].map((id) => planned.actionOn(id))).toEqual([
    undefined,
    'drop',
    undefined,
    undefined,
  ]);
  expect(['one', 'two', 'behind-a-head', 'other'].map((id) => planned.covers(id))).toEqual([true, true, true, false]);
});

test('a pacer lets no more than its rate go in any second, and does not save up', () => {
  const counts = fc.array(fc.record({ count: fc.integer({ min: 1, max: 10 }), pause: fc.nat(500) }), { minLength: 1 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), counts, (rate, steps) => {
      const pacer = new Pacer(rate);
      let now = 0;
      let earliest = 0;
      for (const { count, pause } of steps) {
        now += pause;
        const start = now + pacer.reserve(count, now);
        expect(start).toBeGreaterThanOrEqual(earliest - 1e-6);
        earliest = start + (count * 1_000) / rate;
      }
    }),
  );
});

test('a pacer without a rate never waits', () => {
  const pacer = new Pacer(Number.POSITIVE_INFINITY);
  expect([pacer.reserve(10, 5), pacer.reserve(10, 5)]).toEqual([0, 0]);
});

test('a plan of letters whose errors all differ stays small, and still counts and moves each of them', () => {
  const builder = new PlanBuilder();
  for (let i = 0; i < 5_000; i++) {
    const diagnosis = { fingerprint: `f${i}`, errorClass: 'E', message: 'm', recorded: true };
    builder.add('jobs', letter(`m${i}`, 'x'.repeat(100_000)), diagnosis, { outcome: 'goesBack', why: '' });
  }
  const { groups, totals } = builder.build();
  expect(groups.length).toBeLessThanOrEqual(1_001);
  expect(groups[0]).toMatchObject({ type: '(several)', count: 4_000 });
  expect(groups.every(({ type }) => type.length < 300)).toBe(true);
  expect([totals.goesBack, builder.planned.size]).toEqual([5_000, 5_000]);
});
