import type { Diagnosis, Finding, Gap } from './examine.ts';

/** Colours a text, or returns it unchanged. */
export type Paint = (style: 'red' | 'yellow' | 'green' | 'dim' | 'bold', text: string) => string;

/** The diagnosis for people; one line where nothing is wrong. @param width columns of the terminal */
export function report({ checked, findings, notChecked }: Diagnosis, paint: Paint, width = 80): string {
  const { queues, functions, rules } = checked;
  const [errors, warnings] = (['error', 'warning'] as const).map(
    (level) => findings.filter((finding) => finding.level === level).length,
  ) as [number, number];
  const verdict = [
    errors && paint('red', counted(errors, 'error')),
    warnings && paint('yellow', counted(warnings, 'warning')),
  ]
    .filter(Boolean)
    .join(', ');
  const scope = `${counted(queues, 'queue')}, ${counted(functions, 'function')}, ${counted(rules, 'rule')}`;
  return [
    `Doctor: ${scope}: ${verdict || paint('green', 'healthy')}`,
    ...findings.map((finding) => findingText(finding, paint, width)),
    ...notChecked.map((gap) => gapText(gap, width)),
  ].join('\n');
}

function findingText(
  { level, rule, resource, problem, remedy, explain }: Finding,
  paint: Paint,
  width: number,
): string {
  const label = level === 'error' ? paint('red', 'error') : paint('yellow', 'warning');
  return [
    '',
    `${label} ${paint('bold', rule)}: ${resource}`,
    ...wrap(problem, width - 2).map((line) => `  ${line}`),
    ...wrap(`Remedy: ${remedy}`, width - 2).map((line) => `  ${line}`),
    ...wrap(`Why: ${explain}`, width - 2).map((line) => `  ${paint('dim', line)}`),
  ].join('\n');
}

function gapText({ resource, because }: Gap, width: number): string {
  return ['', ...wrap(`Not all rules were checked on ${resource}: ${because}.`, width)].join('\n');
}

/** Lines of at most `width` characters. A longer word gets its own line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
