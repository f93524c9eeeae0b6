/** A line that may not be sent. */
export interface InvalidLine {
  readonly line: number;
  readonly problem: string;
}

/** Lines kept to be shown. The rest is only counted, so that a file of garbage does not fill the memory. */
const MOST_KEPT = 100;

/** Lines that may not be sent: all counted, the first hundred kept. */
export class InvalidLines {
  readonly first: InvalidLine[] = [];
  count = 0;

  add(line: number, problem: string): void {
    this.count += 1;
    if (this.first.length < MOST_KEPT) this.first.push({ line, problem });
  }
}
