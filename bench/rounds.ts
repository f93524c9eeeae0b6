/** The results of measuring one thing several times. */
export interface Outcome<T> {
  readonly runs: readonly T[];
  /** Why it is measured no more: the last output of its process. */
  readonly crash?: string;
}

export type Outcomes<T> = ReadonlyMap<string, Outcome<T>>;

export interface Rounds {
  readonly repeats: number;
  /**
   * Milliseconds. A name that has taken this long in all is left out of rounds after the first `FEWEST`. By default no
   * limit.
   */
  readonly budgetMs?: (name: string) => number;
  say(line: string): void;
}

/** A median with a spread needs three runs. */
const FEWEST = 3;
const MESSAGE = 200;

/**
 * Runs every name once in each round, so that a busy minute of the machine affects all of them. A name that throws is
 * left out of later rounds, and the others go on.
 *
 * @returns all outcomes so far, after each round
 */
export async function* takeTurns<T>(
  names: readonly string[],
  { repeats, budgetMs = () => Number.POSITIVE_INFINITY, say }: Rounds,
  measureOne: (name: string, round: number) => Promise<T>,
): AsyncGenerator<Outcomes<T>> {
  const outcomes = new Map<string, { runs: T[]; crash?: string }>(names.map((name) => [name, { runs: [] }]));
  const spentMs = new Map<string, number>();
  for (let round = 1; round <= repeats; round++) {
    for (const [name, outcome] of outcomes) {
      const spent = spentMs.get(name) ?? 0;
      if (outcome.crash || (round > FEWEST && spent >= budgetMs(name))) continue;
      const started = performance.now();
      try {
        outcome.runs.push(await measureOne(name, round));
      } catch (error) {
        outcome.crash = String(error).slice(0, MESSAGE);
        say(`${name} is out: ${outcome.crash}`);
      }
      spentMs.set(name, spent + performance.now() - started);
    }
    say(`round ${round} of ${repeats}`);
    yield outcomes;
  }
}

/** The runs of one name; empty where it is out. */
export function runsOf<T>(outcomes: Outcomes<T>, name: string): readonly T[] {
  const { runs = [], crash } = outcomes.get(name) ?? {};
  return crash ? [] : runs;
}

/** How often each name was run, where some were run less often than others. */
export function runsNote(outcomes: Outcomes<unknown>): string {
  const counts = [...outcomes].map(([name, { runs, crash }]) => [name, runs.length, crash] as const);
  const most = Math.max(...counts.map(([, runs]) => runs));
  const fewer = counts.filter(([, runs]) => runs < most).map(([name, runs]) => `${name} ${runs}`);
  const crashes = counts.flatMap(([name, , crash]) =>
    crash ? [`${name} is out: ${crash.replaceAll(/\s+/g, ' ')}.`] : [],
  );
  return [`Runs: ${[`${most} of each`, ...fewer].join(', but ')}.`, ...crashes].join(' ');
}
