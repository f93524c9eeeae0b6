import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { FIGURE_NAMES, type FigureName, type Finding } from './figures/figure.ts';

/** A finding, and what became of measuring it. */
export interface Measurement {
  readonly finding: Finding;
  /** ISO 8601 in UTC, and the machine's load, as it began. */
  readonly at: string;
  readonly load: string;
  readonly seconds: number;
  /** Rounds that `finding` is about. It is the whole only with `complete`. */
  readonly rounds: number;
  readonly complete: boolean;
  /** What ended it early. */
  readonly error?: string;
}

/** What one `npm run bench` found: the file of `--json`. */
export interface Results {
  readonly machine: string;
  readonly settings: { readonly repeats: number; readonly warmUp: number; readonly warmUpCpuMs: number };
  readonly measurements: Partial<Record<FigureName, Measurement>>;
}

export function readResults(file: string): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results;
}

/** Replaces the file in one step: whoever reads it, also after a kill, reads a whole one. */
export function writeResults(file: string, results: Results): void {
  writeFileSync(`${file}.part`, `${JSON.stringify(results, undefined, 1)}\n`);
  renameSync(`${file}.part`, file);
}

/** What the figures say, from one run or several; of two measurements of one figure the later file's counts. */
export function measurementsOf(all: readonly Results[]): [FigureName, Measurement][] {
  return FIGURE_NAMES.flatMap((name): [FigureName, Measurement][] => {
    const found = all.findLast(({ measurements }) => measurements[name])?.measurements[name];
    return found ? [[name, found]] : [];
  });
}

/** What a reader would look for in vain, a sentence each. */
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
