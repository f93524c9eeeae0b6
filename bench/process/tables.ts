import { answerInProcess } from '../stub/in-process.ts';
import { type Behaviour, type Counts, emptyCounts, StubTable } from '../stub/table.ts';
import type { Stored } from './correctness.ts';

/** The contents of the tables after a run. */
export interface Ledger extends Stored {
  /** Counts since `startCounting`. */
  readonly counts: Counts;
  readonly leftInProgress: number;
}

/** The tables, in this process or in another. */
export interface Tables {
  startCounting(): Promise<void>;
  ledger(): Promise<Ledger>;
}

/** Tables in this process. The SDK reaches them without a socket. */
export function tablesHere(behaviour: Behaviour): Tables {
  const table = new StubTable(behaviour);
  answerInProcess(table);
  return {
    async startCounting() {
      table.counts = emptyCounts();
    },
    async ledger() {
      const { counts } = table;
      return { counts, results: table.results(), doubles: table.doubles(), leftInProgress: table.leftInProgress() };
    },
  };
}

/** Tables behind HTTP, see stub/server.ts. @param endpoint such as `http://127.0.0.1:4000` */
export function tablesAt(endpoint: string | undefined): Tables {
  const control = async (method: string): Promise<Ledger> => {
    const response = await fetch(`${endpoint}/control`, { method });
    const answer = (await response.json()) as Omit<Ledger, 'results'> & { results: [string, number][] };
    return { ...answer, results: new Map(answer.results) };
  };
  return {
    async startCounting() {
      await control('PUT');
    },
    ledger: () => control('GET'),
  };
}
