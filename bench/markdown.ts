import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './figures/figure.ts';

interface Results {
  readonly machine: string;
  readonly at: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly findings: Record<string, Finding>;
}

const START = '<!-- results: made by bench/markdown.ts -->';
const END = '<!-- end of results -->';

/** The results of one or more runs, as Markdown: the targets first, then every table. */
export function markdownOf(all: readonly Results[]): string {
  const findings = all.flatMap((results) => Object.values(results.findings));
  const targets = findings.flatMap((finding) => finding.targets);
  const rows = targets.map(({ figure, target, measured, met }) => [figure, target, measured, met ? 'yes' : '**no**']);
  const runs = all.map(
    ({ machine, at, settings, findings: found }) =>
      `- ${at}: ${Object.keys(found).join(', ')}; ${settings.repeats} repeats, warm-up of ${settings['warm-up']} records; ${machine}`,
  );
  return [
    table(['figure', 'target', 'measured', 'met'], rows),
    ...findings.map(({ title, tables, notes = [] }) =>
      [`### ${title}`, ...tables.map(({ head, rows: each }) => table(head, each)), notes.join('\n')]
        .join('\n\n')
        .trim(),
    ),
    `Runs, with the load of the machine as each began:\n\n${runs.join('\n')}`,
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Puts results between the marks of a README. @throws Error where it has none */
export function withResults(readme: string, results: string): string {
  const [before, rest] = readme.split(START);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`the README has no "${START}" ... "${END}"`);
  return `${before}${START}\n\n${results}\n\n${END}${after}`;
}

if (import.meta.main) {
  const files = process.argv.slice(2);
  if (files.length === 0) {
    console.error('node bench/markdown.ts RESULTS.json...: writes the results into bench/README.md');
    process.exitCode = 1;
  } else {
    const all = files.map((file): Results => JSON.parse(readFileSync(file, 'utf8')));
    const path = join(import.meta.dirname, 'README.md');
    writeFileSync(path, withResults(readFileSync(path, 'utf8'), markdownOf(all)));
  }
}
