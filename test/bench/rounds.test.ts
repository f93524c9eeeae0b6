import { runsNote, runsOf, takeTurns } from '../../bench/rounds.ts';

const quiet = { say: () => {} };

async function last<T>(rounds: AsyncGenerator<T>): Promise<T> {
  let value: T | undefined;
  for await (value of rounds);
  return value as T;
}

test('every name has its turn in every round', async () => {
  const turns: string[] = [];
  await last(takeTurns(['a', 'b'], { repeats: 3, ...quiet }, async (name, round) => turns.push(`${name}${round}`)));
  expect(turns).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
});

test('what there is after each round can be read before the next begins', async () => {
  const seen: number[] = [];
  for await (const outcomes of takeTurns(['a', 'b'], { repeats: 3, ...quiet }, async () => 1)) {
    seen.push([...outcomes.values()].flatMap(({ runs }) => runs).length);
  }
  expect(seen).toEqual([2, 4, 6]);
});

test('a name that crashes is out with the reason, and the others go on', async () => {
  const outcomes = await last(
    takeTurns(['good', 'bad'], { repeats: 3, ...quiet }, async (name, round) => {
      if (name === 'bad' && round === 2) throw new Error('it fell over');
      return round;
    }),
  );
  expect(runsOf(outcomes, 'good')).toEqual([1, 2, 3]);
  expect(runsOf(outcomes, 'bad')).toEqual([]);
  expect(outcomes.get('bad')).toEqual({ runs: [1], crash: 'Error: it fell over' });
  expect(runsNote(outcomes)).toBe('Runs: 3 of each, but bad 1. bad is out: Error: it fell over.');
});

test('a name over its budget stops after three rounds, and one without goes on', async () => {
  const budgetMs = (name: string) => (name === 'slow' ? 0 : Number.POSITIVE_INFINITY);
  const outcomes = await last(takeTurns(['fast', 'slow'], { repeats: 7, budgetMs, ...quiet }, async () => 1));
  expect(runsOf(outcomes, 'fast')).toHaveLength(7);
  expect(runsOf(outcomes, 'slow')).toHaveLength(3);
  expect(runsNote(outcomes)).toBe('Runs: 7 of each, but slow 3.');
});
