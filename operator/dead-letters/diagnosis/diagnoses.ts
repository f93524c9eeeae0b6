import type { RecordReader } from '../../../src/ledger/store.ts';
import type { RunsOfQueue } from '../../stage/runs.ts';
import { jobInLetter } from '../reading/job-of-letter.ts';
import type { DeadLetter } from '../reading/letter.ts';
import { type Diagnosis, diagnose, type Known } from './diagnose.ts';

export interface DiagnosesOptions {
  readonly runs: RunsOfQueue;
  readonly ledger: RecordReader;
  readonly now: () => number;
}

/** Diagnoses letters. Only those without a reason cost a read of the ledger. */
export class Diagnoses {
  readonly #options: DiagnosesOptions;

  constructor(options: DiagnosesOptions) {
    this.#options = options;
  }

  /** One for each letter, in their order. Never throws: the diagnosis tells what could not be read. */
  of(letters: readonly DeadLetter[]): Promise<Diagnosis[]> {
    const now = this.#options.now();
    return Promise.all(
      letters.map(async (letter) => diagnose(letter, letter.reason ? NOTHING : await this.known(letter), now)),
    );
  }

  /** What today's code and the ledger know of a letter's job. */
  async known(letter: DeadLetter): Promise<Known> {
    const { runs, ledger } = this.#options;
    const { type } = letter;
    const job = await jobInLetter(letter, runs);
    const claims = runs.jobs.get(job.problem === undefined ? job.type : (type ?? ''))?.claims ?? false;
    if (job.problem !== undefined) return { job, claims, record: undefined };
    try {
      return { job, claims, record: await ledger.read(job.key) };
    } catch (error) {
      return { job, claims, record: undefined, unreadable: (error as Error).message };
    }
  }
}

/** For letters that have their reason. */
const NOTHING: Known = { job: { problem: '' }, claims: false, record: undefined };
