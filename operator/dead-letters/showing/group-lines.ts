import type { Styles } from '../../output/style.ts';
import { table } from '../../output/table.ts';
import { grouped, shorten, shortenMiddle } from '../../output/text.ts';
import { ago } from '../../output/times.ts';
import { MAX_COLUMNS } from '../../output/width.ts';
import type { Group } from '../diagnosis/groups.ts';

const COLUMNS = [
  { head: 'COUNT', align: 'right' },
  { head: 'ERROR', shrinksTo: 12 },
  { head: 'TYPE', shrinksTo: 8 },
  { head: 'FINGERPRINT' },
  { head: 'FIRST' },
  { head: 'LAST' },
] as const;

const JOB_WIDTH = 24;
/** Ours have 12 characters. */
const MOST_FINGERPRINT = 16;
const INDENT = '       ';

/**
 * Groups of one queue, two lines each: what they are, and an example below. A class with an asterisk is concluded.
 *
 * @param now milliseconds since the epoch
 */
export function groupLines(groups: readonly Group[], styles: Styles, now: number): string {
  const rows = groups.map(({ count, errorClass, recorded, type, fingerprint, firstSeen, lastSeen }) => [
    grouped(count),
    shorten(recorded ? errorClass : `${errorClass}*`, MAX_COLUMNS),
    shorten(type, MAX_COLUMNS),
    shorten(fingerprint, MOST_FINGERPRINT),
    ago(firstSeen, now).replace(' ago', ''),
    ago(lastSeen, now),
  ]);
  const [head = '', ...lines] = table(COLUMNS, rows).split('\n');
  const blocks = lines.map((line, i) => `${line}\n${styles.faint(exampleLine(groups[i] as Group))}`);
  return [styles.heading(head), ...blocks].join('\n');
}

function exampleLine({ example: { jobId, messageId, message } }: Group): string {
  const id = shortenMiddle(jobId ?? messageId, JOB_WIDTH);
  return `${INDENT}${shorten(`${id}: ${message}`, MAX_COLUMNS - INDENT.length)}`;
}
