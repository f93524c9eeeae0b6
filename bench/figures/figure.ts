import type { Bundle, Variant } from '../bundle.ts';
import type { Outcomes } from '../rounds.ts';
import { type Spread, withSpread } from '../statistics.ts';

/** In the order in which they are measured and shown. */
export const FIGURE_NAMES = [
  'batches',
  'http',
  'cold',
  'memory',
  'twice',
  'makespan',
  'throttled',
  'latency',
  'end-to-end',
] as const;
export type FigureName = (typeof FIGURE_NAMES)[number];

/** What a run of the bench is told. */
export interface Settings {
  /** Runs of each measurement, each in a fresh process, interleaved. */
  readonly repeats: number;
  /** Records that go through a process before it is measured, so that what is compared is compiled code; at most. */
  readonly warmUp: number;
  /** CPU time that ends the warm-up early, milliseconds. */
  readonly warmUpCpuMs: number;
  readonly variants: readonly Variant[];
  readonly bundles: Readonly<Record<string, Bundle>>;
  /** Jobs that go end to end through the embedded cloud. */
  readonly jobs: number;
  say(line: string): void;
}

/** A line of the target table. */
export interface Target {
  readonly figure: string;
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
}

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A line of the table on the front page: medians by variant. */
export interface Headline {
  readonly figure: string;
  readonly cells: Readonly<Record<string, string>>;
}

/** What a figure found: tables to read, targets to check, and the raw numbers for `--json`. */
export interface Finding {
  readonly title: string;
  readonly tables: readonly Table[];
  readonly notes?: readonly string[];
  readonly targets: readonly Target[];
  readonly headlines?: readonly Headline[];
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Yields what is found so far after every round: whatever stops the bench, the rounds before it are kept. */
export type Figure = (settings: Settings) => AsyncGenerator<Finding>;

const PEER_BUDGET_MS = 30_000;

/** For figures of many seconds a run: each peer stops once it has had its share of the whole, Sluice never does. */
export const peersBounded = (name: string): number =>
  name.startsWith('sluice') ? Number.POSITIVE_INFINITY : PEER_BUDGET_MS;

/** `at most` as a target line. What was not measured, because a variant crashed or was left out, meets nothing. */
export function atMost(figure: string, limit: number, measured: () => Spread, say: (value: number) => string): Target {
  const target = `<= ${say(limit)}`;
  try {
    const spread = measured();
    return { figure, target, measured: withSpread(spread, say), met: spread.median <= limit };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { figure, target, measured: 'not measured', met: false };
  }
}

export function exactly(figure: string, wanted: string, measured: string): Target {
  return { figure, target: wanted, measured, met: measured === wanted };
}

/** A cell of a table: what the runs of one name say, or why they say nothing. */
export function cellOf<T>(outcomes: Outcomes<T>, name: string, text: (runs: readonly T[]) => string): string {
  const { runs = [], crash } = outcomes.get(name) ?? {};
  if (crash) return 'out: it crashed';
  return runs.length === 0 ? '-' : text(runs);
}
