import type { BatchOptions, Outcome } from '../../engine/batch-options.ts';
import type { Environment, EnvironmentReader } from '../../env.ts';
import type { Clock } from '../clock.ts';
import type { Reading, Work } from '../works.ts';

/** What of an invocation's `Shared` is needed. */
export interface Worker extends Reading {
  readonly environment: Environment;
  readonly clock: Clock;
}

/**
 * What `#payloads` stands for in the bundle of a function whose queue has `largePayloads`. In every other bundle it is
 * undefined (`none.ts`). build/payloads.cjs decides it for each function, by its queue's declaration.
 */
export interface Payloads {
  /** Reads the worker's variables, and those about payloads. The reader collects the problems. */
  readonly readEnvironment: (variables: EnvironmentReader) => Environment;
  /** Runs a batch in which records may be pointers to payloads in S3. */
  readonly runBatchOf: (worker: Worker) => (works: readonly Work[], options: BatchOptions<Work>) => Promise<Outcome[]>;
}
