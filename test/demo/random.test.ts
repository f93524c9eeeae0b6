import { pick, seededRandom, shuffle, wholeNumber } from '../../demo/random.ts';

describe('the seeded source of numbers', () => {
  test('repeats itself for one seed and differs for the next', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  test('spreads evenly over [0, 1)', () => {
    const random = seededRandom(42);
    const tenths = new Array(10).fill(0);
    for (let i = 0; i < 10_000; i++) tenths[wholeNumber(random, 10)] += 1;
    expect(Math.min(...tenths)).toBeGreaterThan(900);
    expect(Math.max(...tenths)).toBeLessThan(1_100);
  });

  test('shuffles without losing anything', () => {
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    const shuffled = shuffle(seededRandom(1), [...numbers]);
    expect(shuffled).not.toEqual(numbers);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(numbers);
  });

  test('refuses to pick from nothing', () => {
    expect(() => pick(seededRandom(1), [])).toThrow('nothing to pick from');
  });
});
