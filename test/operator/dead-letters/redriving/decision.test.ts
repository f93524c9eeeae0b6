import fc from 'fast-check';
import { jobs } from '#jobs';
import type { JobOfLetter } from '../../../../operator/dead-letters/reading/job-of-letter.ts';
import { jobOfLetter } from '../../../../operator/dead-letters/reading/job-of-letter.ts';
import type { DeadLetter } from '../../../../operator/dead-letters/reading/letter.ts';
import {
  type Decision,
  decide,
  keepOrder,
  type Outcome,
} from '../../../../operator/dead-letters/redriving/decision.ts';
import { type StoredRecord, standing } from '../../../../src/ledger/record.ts';
import { UNTROUBLED } from '../../../ledger/stored-record.ts';

const NOW = Date.UTC(2026, 0, 31);
const DAY = 86_400_000;
const RULES = { now: NOW, includeInvalid: false, maxAgeMs: undefined, resultTtlMs: 30 * DAY };
const JOB = { type: 't', key: 'a', fingerprint: 'f' };
const RUNS = { jobs, defaultType: 'triple' };

function letter(ageMs = 0): DeadLetter {
  return {
    messageId: 'm',
    body: '{}',
    attributes: {},
    system: { SentTimestamp: String(NOW - ageMs) },
    reason: undefined,
    jobId: 'a',
    type: 'triple',
  };
}

function record(over: Partial<StoredRecord>): StoredRecord {
  return {
    ...UNTROUBLED,
    status: 'done',
    fingerprint: 'f',
    owner: 'o',
    fencingToken: 1,
    leaseUntil: 0,
    ttl: NOW / 1000 + 1,
    ...over,
  };
}

describe('a letter', () => {
  test('that never ran goes back', () => {
    expect(decide(letter(), JOB, undefined, RULES)).toEqual({ outcome: 'goesBack', why: '' });
  });

  test('whose result is stored is a duplicate, whatever its age', () => {
    expect(decide(letter(90 * DAY), JOB, record({}), { ...RULES, maxAgeMs: 1 }).outcome).toBe('alreadyDone');
  });

  test('whose result is stored goes back, whatever its age, while what it hands over is not known to be sent', () => {
    const pending = record({ handOver: '{}' });
    expect(decide(letter(90 * DAY), JOB, pending, { ...RULES, maxAgeMs: 1 }).outcome).toBe('goesBack');
    expect(decide(letter(), JOB, { ...pending, fingerprint: 'other' }, RULES).outcome).toBe('conflict');
  });

  test('whose id was done with another payload stays as a conflict that names the job', () => {
    const decision = decide(letter(), JOB, record({ fingerprint: 'other' }), RULES);
    expect(decision).toEqual({ outcome: 'conflict', why: 'job a was accepted with another payload' });
  });

  test('whose id died with another payload goes back: nothing was accepted', () => {
    expect(decide(letter(), JOB, record({ fingerprint: 'other', status: 'dead' }), RULES).outcome).toBe('goesBack');
  });

  test('that ran longer ago than results are kept stays, and --max-age overrules that', () => {
    const expired = record({ ttl: NOW / 1000 - 1 });
    expect(decide(letter(), JOB, expired, RULES)).toEqual({ outcome: 'tooOld', why: 'it ran; its result has expired' });
    expect(decide(letter(), JOB, expired, { ...RULES, maxAgeMs: DAY }).outcome).toBe('goesBack');
  });

  test.each([
    [30 * DAY, 'goesBack'],
    [30 * DAY + 1, 'tooOld'],
  ])('of age %d against results kept for 30 days: %s', (age, outcome) => {
    expect(decide(letter(age), JOB, undefined, RULES).outcome).toBe(outcome);
  });

  test('that a worker copied is as old as the first failure in its reason', () => {
    const copied = { ...letter(), reason: { firstFailedAt: new Date(NOW - 2 * DAY).toISOString() } } as DeadLetter;
    const decision = decide(copied, JOB, undefined, { ...RULES, maxAgeMs: DAY });
    expect(decision).toEqual({ outcome: 'tooOld', why: 'older than --max-age' });
  });

  test('that would fail again stays with the reason, unless invalid ones are included', () => {
    const invalid: JobOfLetter = { problem: 'no' };
    expect(decide(letter(), invalid, undefined, RULES)).toEqual({ outcome: 'wouldFailAgain', why: 'no' });
    expect(decide(letter(), invalid, undefined, { ...RULES, includeInvalid: true }).outcome).toBe('goesBack');
  });
});

test.each([
  ['no JSON', '{', /not JSON/],
  ['of an unknown type', '{"type":"nope"}', /there is no job type "nope"/],
  ['against its schema', '{"job_id":"a"}', /must have required property 'value'/],
])('a body that is %s has no job', (_, body, problem) => {
  expect(jobOfLetter(body, RUNS).problem).toMatch(problem);
});

test('two bodies of one payload have one fingerprint, their white space and key order aside', () => {
  const [one, two] = ['{"job_id":"a","value":1}', '{ "value": 1, "job_id": "a", "type": "triple" }'];
  expect(jobOfLetter(one, RUNS)).toEqual(jobOfLetter(two, RUNS));
});

const stored = fc.record({
  messageId: fc.constant(''),
  runs: fc.constant(0),
  receives: fc.constant(0),
  aloneRuns: fc.constant(0),
  version: fc.constant([]),
  status: fc.constantFrom('running', 'failed', 'dead', 'done') as fc.Arbitrary<StoredRecord['status']>,
  fingerprint: fc.constantFrom('f', 'other', ''),
  owner: fc.constant('o'),
  fencingToken: fc.constant(1),
  leaseUntil: fc.constantFrom(0, NOW + 1),
  ttl: fc.constantFrom(NOW / 1000 - 1, NOW / 1000 + 1),
});
const rules = fc.record({
  now: fc.constant(NOW),
  includeInvalid: fc.boolean(),
  maxAgeMs: fc.option(fc.nat(2 * DAY), { nil: undefined }),
  resultTtlMs: fc.option(fc.nat(2 * DAY), { nil: undefined }),
});
const job = fc.constantFrom<JobOfLetter>(JOB, { problem: 'no' });

test('a letter is deleted unsent only where a live result of the very payload exists', () => {
  fc.assert(
    fc.property(fc.nat(3 * DAY), job, fc.option(stored, { nil: undefined }), rules, (age, mine, found, given) => {
      const { outcome } = decide(letter(age), mine, found, given);
      const sameResult =
        mine.problem === undefined && found?.status === 'done' && found.fingerprint === 'f' && found.ttl * 1000 > NOW;
      expect(outcome === 'alreadyDone').toBe(sameResult);
    }),
  );
});

test('a letter that the worker would refuse as a conflict is never sent', () => {
  fc.assert(
    fc.property(fc.nat(3 * DAY), stored, rules, (age, found, given) => {
      const { outcome } = decide(letter(age), JOB, found, given);
      const refused = standing(found, { owner: 'x', fingerprint: 'f' }, NOW) === 'conflict';
      expect(outcome === 'conflict').toBe(refused);
    }),
  );
});

describe('within a FIFO group', () => {
  const outcomes = fc.array(
    fc.constantFrom<Outcome>('goesBack', 'alreadyDone', 'wouldFailAgain', 'conflict', 'tooOld'),
  );
  const of = (...names: Outcome[]) =>
    names.map((outcome): { decision: Decision } => ({ decision: { outcome, why: '' } }));
  const ordered = (names: Outcome[]) => keepOrder(of(...names)).map(({ decision }) => decision.outcome);

  test('nothing goes back behind a letter that stays, and nothing before one that is done', () => {
    fc.assert(
      fc.property(outcomes, (names) => {
        const kept = ordered(names);
        const stays = (outcome: Outcome) => outcome !== 'goesBack' && outcome !== 'alreadyDone';
        for (const [i, outcome] of kept.entries()) {
          if (outcome !== 'goesBack') continue;
          expect(kept.slice(0, i).some(stays)).toBe(false);
          expect(kept.slice(i + 1)).not.toContain('alreadyDone');
        }
      }),
    );
  });

  test('only what would go back is held back, and only for a cause', () => {
    fc.assert(
      fc.property(outcomes, (names) => {
        for (const [i, outcome] of ordered(names).entries()) {
          expect([names[i], names[i] === 'goesBack' ? 'orderAtRisk' : names[i]]).toContain(outcome);
        }
        const quiet = names.every((name) => name === 'goesBack');
        if (quiet) expect(ordered(names)).toEqual(names);
      }),
    );
  });

  test('a duplicate at the head does not stop what follows', () => {
    expect(ordered(['alreadyDone', 'goesBack', 'goesBack'])).toEqual(['alreadyDone', 'goesBack', 'goesBack']);
  });
});
