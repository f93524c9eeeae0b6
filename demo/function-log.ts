import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';

/** The verdicts of all invocations, from `details.verdicts` of each `batch_processed` line. */
export interface Verdicts {
  done: number;
  duplicate: number;
  retry: number;
  dead: number;
}

/** What the embedded cloud writes when a function's process ends during an invocation. */
const DEATH =
  /^RequestId: \S+ Error: Runtime exited|Task timed out after [\d.]+ seconds$|\tUnhandled Promise Rejection\t/;

/** Writes everything that the functions log to a file, and keeps in memory what the demo needs of it. */
export class FunctionLog {
  readonly file: string;
  readonly verdicts: Verdicts = { done: 0, duplicate: 0, retry: 0, dead: 0 };
  /** How many lines of level ERROR there were, by action. */
  readonly errors = new Map<string, number>();
  /** When a process died or reached its time limit, in milliseconds since the epoch. */
  readonly crashes: number[] = [];
  lines = 0;
  readonly #stream: WriteStream;

  constructor(file: string) {
    this.file = file;
    mkdirSync(dirname(file), { recursive: true });
    this.#stream = createWriteStream(file);
  }

  /** One line of a function, or of the cloud itself. */
  readonly write = (line: string, functionName: string): void => {
    this.lines += 1;
    this.#stream.write(`${functionName}: ${line}\n`);
    if (DEATH.test(line)) {
      this.crashes.push(Date.now());
    }
    if (line.includes('"level":"ERROR"')) {
      const action = /"action":"(\w+)"/.exec(line)?.[1] ?? 'unknown';
      this.errors.set(action, (this.errors.get(action) ?? 0) + 1);
    }
    if (line.includes('"action":"batch_processed"')) this.#count(line);
  };

  #count(line: string): void {
    const { verdicts = {} } = (JSON.parse(line) as { details: { verdicts?: Partial<Verdicts> } }).details;
    for (const kind of Object.keys(this.verdicts) as (keyof Verdicts)[]) this.verdicts[kind] += verdicts[kind] ?? 0;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#stream.end(resolve));
  }
}
