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
  'fifo',
  'end-to-end',
] as const;
export type FigureName = (typeof FIGURE_NAMES)[number];

/** The settings of a run of the bench. */
export interface Settings {
  /** Runs of each measurement, each in a fresh process. The runs of different variants alternate. */
  readonly repeats: number;
  /** The most records that go through a process before it is measured, so that only compiled code is compared. */
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

/** A line of the front page's table: medians by variant. */
export interface Headline {
  readonly figure: string;
  readonly cells: Readonly<Record<string, string>>;
}

/** The result of a figure: tables to read, targets to check, and the raw numbers for `--json`. */
export interface Finding {
  readonly title: string;
  readonly tables: readonly Table[];
  readonly notes?: readonly string[];
  readonly targets: readonly Target[];
  readonly headlines?: readonly Headline[];
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Yields the result so far after every round. So if the bench is stopped, earlier rounds are kept. */
export type Figure = (settings: Settings) => AsyncGenerator<Finding>;

const PEER_BUDGET_MS = 30_000;

/**
 * The time budget for figures whose runs take many seconds. Each peer stops after its share of the time. Sluice never
 * stops.
 */
export const peersBounded = (name: string): number =>
  name.startsWith('sluice') ? Number.POSITIVE_INFINITY : PEER_BUDGET_MS;

/**
 * A target line with an upper limit. A variant that was not measured, because it crashed or was left out, does not meet
 * it.
 */
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

/** A cell of a table: the text for the runs of one name, or why there are none. */
export function cellOf<T>(outcomes: Outcomes<T>, name: string, text: (runs: readonly T[]) => string): string {
  const { runs = [], crash } = outcomes.get(name) ?? {};
  if (crash) return 'out: it crashed';
  return runs.length === 0 ? '-' : text(runs);
}
