import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Table } from './figures/figure.ts';
import { headlinePlot, headlineTable } from './headline.ts';
import { measurementsOf, missingFrom, type Results, readResults } from './results.ts';

const USAGE = `node bench/markdown.ts RESULTS.json...

Writes the results of \`npm run bench -- --json RESULTS.json\` into bench/README.md, README.md and docs/headline.svg.
With several files, each figure is taken from the last that has it.`;

/** The results of one or more runs as Markdown: first the targets, then every table, then what is missing. */
export function markdownOf(all: readonly Results[]): string {
  const findings = measurementsOf(all).map(([, { finding }]) => finding);
  const targets = findings.flatMap((finding) => finding.targets);
  const rows = targets.map(({ figure, target, measured, met }) => [figure, target, measured, met ? 'yes' : '**no**']);
  const missing = missingFrom(all).map((sentence) => `- ${sentence}`);
  return [
    markdownTable({ head: ['figure', 'target', 'measured', 'met'], rows }),
    'The measured value is the median, or the ratio of two medians; in brackets the least and the greatest of one round.',
    ...findings.map(({ title, tables, notes = [] }) =>
      [`### ${title}`, ...tables.map((table) => markdownTable(table)), notes.join('\n')].join('\n\n').trim(),
    ),
    ...(missing.length > 0 ? [`Missing here:\n\n${missing.join('\n')}`] : []),
    ...runsOf(all),
  ].join('\n\n');
}

/** One list for each run. With several runs, each list names only what is shown of that run. */
function runsOf(all: readonly Results[]): string[] {
  const shown = new Map(measurementsOf(all));
  return all.flatMap(({ machine, settings: { repeats, warmUp, warmUpCpuMs }, measurements }) => {
    const lines = Object.entries(measurements)
      .filter(([name, measurement]) => shown.get(name as never) === measurement)
      .map(([name, { at, seconds, load }]) => `- ${name}: ${at}, ${seconds} s, load ${load}`);
    const limits = `${repeats} repeats, warm-up of ${warmUp} records or ${warmUpCpuMs / 1_000} s of CPU`;
    return lines.length > 0
      ? [`One run on ${machine}; ${limits}. Each figure with the load as it began:\n\n${lines.join('\n')}`]
      : [];
  });
}

export function markdownTable({ head, rows }: Table, aligned = '---'): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : aligned))), ...rows.map(line)].join('\n');
}

/**
 * Replaces the text between `<!-- NAME: made by bench/markdown.ts -->` and `<!-- end of NAME -->`.
 *
 * @throws Error where the page has no such marks
 */
export function between(page: string, name: string, text: string): string {
  const start = `<!-- ${name}: made by bench/markdown.ts -->`;
  const end = `<!-- end of ${name} -->`;
  const [before, rest] = page.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`the page has no "${start}" ... "${end}"`);
  return `${before}${start}\n\n${text}\n\n${end}${after}`;
}

if (import.meta.main) {
  const files = process.argv.slice(2);
  if (files.length === 0) {
    console.error(USAGE);
    process.exitCode = 1;
  } else {
    const all = files.map(readResults);
    const root = join(import.meta.dirname, '..');
    const read = (path: string) => readFileSync(join(root, path), 'utf8');
    const rewrite = (path: string, name: string, text: string) =>
      writeFileSync(join(root, path), between(read(path), name, text));
    rewrite('bench/README.md', 'results', markdownOf(all));
    rewrite('README.md', 'headline', markdownTable(headlineTable(all, read('docs/cost.md')), '---:'));
    const plot = headlinePlot(all);
    if (plot) writeFileSync(join(root, 'docs/headline.svg'), plot);
    for (const sentence of missingFrom(all)) console.error(sentence);
  }
}
