import type { Variant } from '../bundle.ts';

/** What a run of the bench is told. */
export interface Settings {
  /** Runs of each measurement, each in a fresh process, interleaved. */
  readonly repeats: number;
  /** Records that go through a process before it is measured, so that what is compared is compiled code. */
  readonly warmUp: number;
  readonly variants: readonly Variant[];
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

/** What a figure found: tables to read, targets to check, and the raw numbers for `--json`. */
export interface Finding {
  readonly title: string;
  readonly tables: readonly { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }[];
  readonly notes?: readonly string[];
  readonly targets: readonly Target[];
  readonly raw: unknown;
}

export type Figure = (settings: Settings) => Promise<Finding>;

/** `at most` as a target line; ratios come as the numbers they are. */
export function atMost(figure: string, limit: number, measured: number, say: (value: number) => string): Target {
  return { figure, target: `<= ${say(limit)}`, measured: say(measured), met: measured <= limit };
}

export function exactly(figure: string, wanted: string, measured: string): Target {
  return { figure, target: wanted, measured, met: measured === wanted };
}
