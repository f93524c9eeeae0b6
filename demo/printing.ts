import { styleText } from 'node:util';
import Table from 'cli-table3';
import { oneLine } from '../operator/output/printable.ts';
import type { Account } from './account/account.ts';
import type { Group } from './dead-letters.ts';
import type { FunctionLog } from './function-log.ts';
import { countKinds, type DemoMessage, KINDS, type Kind } from './mix.ts';

/** Everything fits into 80 columns. */
const COUNT_COLUMNS = 9;
const REASON_COLUMNS = 59;
const MOST_SENTENCES = 20;

/** With a comma after each three digits. */
export const grouped = (number: number): string => number.toLocaleString('en-US');
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
/** styleText adds no style where there is no terminal, or where NO_COLOR is set. */
export const heading = (text: string): string => `\n${styleText('bold', text)}`;
const row = (amount: string, text: string): string => `${amount.padStart(COUNT_COLUMNS)}  ${text}`;

/** A line for each count, with its text. */
export function rows(counts: readonly (readonly [count: number, text: string])[]): string {
  return counts.map(([count, text]) => row(grouped(count), text)).join('\n');
}

export function mixLines(mix: readonly DemoMessage[]): string {
  const counts = countKinds(mix);
  const kinds = Object.keys(KINDS) as Kind[];
  return rows(kinds.map((kind) => [counts[kind], `${kind.padEnd(10)} ${KINDS[kind]}`]));
}

/** For each reason: how many there are, how many of them pass after the repair, and an example. */
export function deadLetterLines(groups: readonly Group[]): string {
  const rule = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', mid: '', 'mid-mid': '', 'left-mid': '' };
  const none = { bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', right: '', middle: '' };
  const table = new Table({
    chars: { ...rule, ...none, 'right-mid': '' },
    head: ['count', 'passes', 'error class, job type, fingerprint; an example'],
    colWidths: [COUNT_COLUMNS, 8, REASON_COLUMNS + 2],
    colAligns: ['right', 'right', 'left'],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
  });
  for (const { count, repairable, errorClass, type, fingerprint, example } of groups) {
    const reason = `${oneLine(`${errorClass}, ${type}, ${fingerprint}`)}\n${oneLine(example)}`;
    table.push([grouped(count), repairable === 0 ? '-' : grouped(repairable), reason]);
  }
  return table.toString().replaceAll(/ +$/gm, '');
}

export function accountLines(account: Account): string {
  const { sent, stored, duplicates, dead, killers } = account;
  const sum = stored + duplicates + dead;
  return [
    row(grouped(sent), 'sent'),
    '',
    row(grouped(stored), 'stored      each result checked against its input'),
    row(grouped(duplicates), 'duplicates  of stored jobs, without effect'),
    row(grouped(dead), 'dead        each with its reason'),
    '  ───────',
    row(grouped(sum), sum === sent ? 'each in exactly one place' : `but ${grouped(sent)} were sent`),
    '',
    row(grouped(killers), 'of the dead ended their process: each is named, and died alone'),
    ...repeatLines(account),
  ].join('\n');
}

function repeatLines({ delivered, deliveredAgain, deadAgain }: Account): string[] {
  const lines = [row(grouped(delivered), 'webhooks delivered, each with its own payload')];
  if (deliveredAgain > 0) {
    lines.push(
      row(grouped(deliveredAgain), 'of them twice: their process was killed after the delivery and before'),
      row('', 'its result was stored. Delivery is at least once; a receiver knows a'),
      row('', 'repeat by its Idempotency-Key.'),
    );
  }
  if (deadAgain > 0) {
    lines.push(
      row(grouped(deadAgain), 'dead letters twice: their process was killed between copy and'),
      row('', 'acknowledgement'),
    );
  }
  return lines;
}

export function verdictLines(discrepancies: readonly string[]): string {
  if (discrepancies.length === 0) return styleText('green', 'Everything adds up.');
  const shown = discrepancies.slice(0, MOST_SENTENCES).map((sentence) => `  ${oneLine(sentence)}`);
  const more = discrepancies.length - shown.length;
  const title = `${grouped(discrepancies.length)} ${discrepancies.length === 1 ? 'thing does' : 'things do'} not add up:`;
  return [styleText('red', title), ...shown, ...(more > 0 ? [`  and ${grouped(more)} more`] : [])].join('\n');
}

/** @param timings milliseconds of each part */
export function timingLines(timings: Readonly<Record<string, number>>): string {
  return Object.entries(timings)
    .map(([what, ms]) => row(seconds(ms), what))
    .join('\n');
}

export function logLines({ file, lines, errors, crashes }: FunctionLog): string {
  return [
    row(grouped(lines), `lines in ${file}`),
    row(grouped(crashes.length), `function ${crashes.length === 1 ? 'process' : 'processes'} died`),
    ...[...errors].map(([action, count]) => row(grouped(count), `errors ${action}`)),
  ].join('\n');
}
