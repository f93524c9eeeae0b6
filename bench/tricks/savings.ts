import { spreadOf } from '../statistics.ts';

/** What tricks save, by trick and by column, as a share of the cost without the trick. */
export class Savings {
  readonly #cells = new Map<string, Map<string, string>>();
  readonly #columns = new Set<string>();

  /** @param pairs with the trick and without it, both measured in one process or in one round */
  note(trick: string, column: string, pairs: readonly (readonly [number, number])[]): void {
    const saved = spreadOf(pairs.map(([ours]) => ours)).median / spreadOf(pairs.map(([, theirs]) => theirs)).median;
    const sorted = pairs.map(([ours, theirs]) => 1 - ours / theirs).sort((a, b) => a - b);
    const quartile = (part: number) => percent(sorted[Math.round(part * (sorted.length - 1))] ?? 0);
    const cells = this.#cells.get(trick) ?? new Map();
    cells.set(column, `${percent(1 - saved)} % (${quartile(0.25)} to ${quartile(0.75)})`);
    this.#cells.set(trick, cells);
    this.#columns.add(column);
  }

  table(): { head: string[]; rows: string[][] } {
    const columns = [...this.#columns];
    const rows = [...this.#cells].map(([trick, cells]) => [trick, ...columns.map((column) => cells.get(column) ?? '')]);
    return { head: ['share that it saves (middle half)', ...columns], rows };
  }
}

const percent = (share: number): string => (100 * share).toFixed(1);
