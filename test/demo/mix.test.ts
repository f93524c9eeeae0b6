import { countKinds, createMix, FEWEST_JOBS } from '../../demo/mix.ts';

const receiverUrl = 'http://127.0.0.1:1';
const mixOf = (jobs: number, seed = 1) => createMix({ jobs, seed, receiverUrl });

describe('the mix', () => {
  test('is the same for the same seed and another for another', () => {
    expect(mixOf(500, 7)).toEqual(mixOf(500, 7));
    expect(mixOf(500, 7)).not.toEqual(mixOf(500, 8));
  });

  test.each([FEWEST_JOBS, 333, 2_000, 20_000])('has exactly %i messages, numbered in order', (jobs) => {
    const mix = mixOf(jobs);
    expect(mix.map(({ sequence }) => sequence)).toEqual(Array.from({ length: jobs }, (_, i) => i + 1));
  });

  test('gives each kind of trouble its share', () => {
    expect(countKinds(mixOf(2_000))).toEqual({
      triple: 955,
      webhook: 513,
      duplicate: 100,
      malformed: 100,
      invalid: 100,
      flaky: 100,
      gone: 100,
      down: 20,
      killer: 4,
      poison: 8,
    });
  });

  test('has every kind even when it is as small as it may be', () => {
    expect(Math.min(...Object.values(countKinds(mixOf(FEWEST_JOBS))))).toBeGreaterThan(0);
  });

  test('sends duplicates byte for byte, half of them right behind their original, the others later', () => {
    const mix = mixOf(2_000);
    const firstAt = new Map<string, number>();
    const distances: number[] = [];
    for (const { kind, body, sequence } of mix) {
      if (kind === 'duplicate') distances.push(sequence - (firstAt.get(body) ?? Number.NaN));
      else firstAt.set(body, sequence);
    }
    expect(Math.min(...distances)).toBeGreaterThan(0);
    // Two duplicates or a conflict may share a place.
    expect(distances.filter((distance) => distance <= 3).length).toBeGreaterThanOrEqual(50);
    expect(distances.filter((distance) => distance > 100).length).toBeGreaterThan(20);
  });

  test('gives each job an id of its own, shared only by duplicates and by the messages that reuse one on purpose', () => {
    const own = mixOf(2_000).filter(({ kind }) => kind !== 'duplicate');
    const idsOf = (messages: typeof own) =>
      messages.flatMap(({ expected }) => (expected.ends === 'stored' ? [expected.jobId] : []));
    const ordinary = idsOf(own.filter(({ kind }) => kind !== 'poison'));
    expect(new Set(ordinary).size).toBe(ordinary.length);
    const reused = idsOf(own.filter(({ kind }) => kind === 'poison'));
    expect(reused).toHaveLength(2);
    expect(ordinary).toEqual(expect.arrayContaining(reused));
  });

  test('fits every message into what SQS takes', () => {
    for (const { body } of mixOf(2_000)) {
      expect(Buffer.byteLength(body)).toBeGreaterThan(0);
      expect(Buffer.byteLength(body)).toBeLessThan(10_000);
    }
  });
});
