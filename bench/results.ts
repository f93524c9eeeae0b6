import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { FIGURE_NAMES, type FigureName, type Finding } from './figures/figure.ts';

/** A finding, and how its measuring ended. */
export interface Measurement {
  readonly finding: Finding;
  /** The time of the start, ISO 8601 in UTC, and the machine's load then. */
  readonly at: string;
  readonly load: string;
  readonly seconds: number;
  /** The number of rounds in `finding`. Only with `complete` are these all rounds. */
  readonly rounds: number;
  readonly complete: boolean;
  /** The error that ended it early. */
  readonly error?: string;
}

/** The findings of one `npm run bench`: the file of `--json`. */
export interface Results {
  readonly machine: string;
  readonly settings: { readonly repeats: number; readonly warmUp: number; readonly warmUpCpuMs: number };
  readonly measurements: Partial<Record<FigureName, Measurement>>;
}

export function readResults(file: string): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results;
}

/** Replaces the file in one step, so that a reader finds a whole file, even after this process was killed. */
export function writeResults(file: string, results: Results): void {
  writeFileSync(`${file}.part`, `${JSON.stringify(results, undefined, 1)}\n`);
  renameSync(`${file}.part`, file);
}

/** The measurements of one or more runs. If a figure was measured twice, the later file's counts. */
export function measurementsOf(all: readonly Results[]): [FigureName, Measurement][] {
  return FIGURE_NAMES.flatMap((name): [FigureName, Measurement][] => {
    const found = all.findLast(({ measurements }) => measurements[name])?.measurements[name];
    return found ? [[name, found]] : [];
  });
}

/** What is missing from the results, one sentence each. */
export function missingFrom(all: readonly Results[]): string[] {
  const found = new Map(measurementsOf(all));
  return FIGURE_NAMES.flatMap((name) => {
    const measurement = found.get(name);
    if (!measurement) return [`${name} was not measured.`];
    if (measurement.complete) return [];
    return [`${name} ended after round ${measurement.rounds}: ${measurement.error ?? 'the run was stopped'}.`];
  });
}

export function machine(): string {
  return `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`;
}

/** Averages over 1, 5 and 15 minutes. */
export function load(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
}
