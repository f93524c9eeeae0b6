/** The median of some values, and their spread. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** @throws RangeError without any value */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('there is no median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
  return { median, min: sorted[0] as number, max: sorted.at(-1) as number, runs: sorted.length };
}

/**
 * One thing compared with another: the ratio of the medians. Its spread is the least and the greatest ratio of two runs
 * of the same round, because those had the same machine.
 *
 * @throws RangeError where one of them has no value
 */
export function ratioOf(measured: readonly number[], reference: readonly number[]): Spread {
  const rounds = Math.min(measured.length, reference.length);
  const { min, max, runs } = spreadOf(
    measured.slice(0, rounds).map((value, round) => value / (reference[round] as number)),
  );
  return { median: spreadOf(measured).median / spreadOf(reference).median, min, max, runs };
}

/** Three significant digits, without an exponent. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 4) });
}

/** `52.4 (48.1-61)`, or only `4` where all runs have the same value. */
export function withSpread({ median, min, max }: Spread, say = short): string {
  return say(min) === say(max) ? say(median) : `${say(median)} (${say(min)}-${say(max)})`;
}

/** `0 (worst 2)`, for a number that should be zero; only `0` where no run was worse. */
export function withWorst({ median, max }: Spread): string {
  const say = (count: number) => count.toLocaleString('en-US');
  return median === max ? say(median) : `${say(median)} (worst ${say(max)})`;
}

/** A ratio for people: `1/25.3` below one half, else `1.04`. */
export function ratioText(ratio: number): string {
  return ratio > 0 && ratio < 0.5 ? `1/${short(1 / ratio)}` : short(ratio);
}
