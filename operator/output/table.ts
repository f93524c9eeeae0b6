import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import { MAX_COLUMNS } from './width.ts';

const GAP = 2;
const LINE_ENDS = /[\n\v\f\r\u0085\u2028\u2029]+/g;

export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
  /** Characters it keeps when the table is too wide; without it the column is never cut. */
  readonly shrinksTo?: number;
}

/**
 * Rows under their heads, without borders. Where they are wider than `width`, the widest of the columns that may shrink
 * are cut, with an ellipsis. Cells may hold colours. No line ends in a blank.
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width = MAX_COLUMNS): string {
  // A line break in a cell would make two rows.
  const flat = rows.map((row) => row.map((cell) => cell.replaceAll(LINE_ENDS, ' ')));
  const drawn = new Table({
    chars: NO_BORDERS,
    head: columns.map(({ head }) => head),
    colWidths: columnWidths(columns, flat, width),
    colAligns: columns.map(({ align = 'left' }) => align),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
  });
  for (const row of flat) drawn.push(row);
  // cli-table3 may cut between the halves of a character.
  return drawn.toString().toWellFormed().replaceAll(/ +$/gm, '');
}

/** Pure. cli-table3 pads the last column as well, so the sum may exceed `width` by one gap. */
export function columnWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = MAX_COLUMNS,
): number[] {
  const widths = columns.map(({ head }, i) => Math.max(...[head, ...rows.map((row) => row[i] ?? '')].map(cellWidth)));
  const least = columns.map(({ shrinksTo, head }, i) =>
    shrinksTo === undefined ? (widths[i] as number) : Math.max(shrinksTo, cellWidth(head)),
  );
  let excess = sum(widths) + GAP * (columns.length - 1) - width;
  for (; excess > 0; excess--) {
    const widest = widths.reduce((best, size, i) => {
      const isBetter = best === -1 || size > (widths[best] as number);
      return size > (least[i] as number) && isBetter ? i : best;
    }, -1);
    if (widest === -1) break;
    widths[widest] = (widths[widest] as number) - 1;
  }
  return widths.map((size) => size + GAP);
}

const NO_BORDERS = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat('middle')
    .map((name) => [name, '']),
);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Of its widest line, in characters. A terminal shows some characters two columns wide; those are cut too early. */
const cellWidth = (text: string): number =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .map((line) => [...line].length),
  );
