import { checkMapping, type MappingConfiguration } from './configuration.ts';
import { compileFilter } from './filter.ts';
import type { MappingDependencies } from './handle-batch.ts';
import { type MappingCounts, PollingRun } from './polling-run.ts';

export type { MappingConfiguration } from './configuration.ts';

/** The states of Lambda's API that a mapping here can have. */
export type MappingState = 'Enabled' | 'Disabled' | 'Enabling' | 'Disabling';

/**
 * An SQS event source mapping. It polls a queue, collects batches, invokes the function, and deletes the processed
 * messages. The queue does the rest: messages come back after its visibility timeout, and its redrive policy moves them
 * to the DLQ.
 */
export class EventSourceMapping {
  #configuration: MappingConfiguration;
  readonly #dependencies: MappingDependencies;
  readonly #counts: MappingCounts = { received: 0, deleted: 0, returned: 0, batches: 0, inFlightBatches: 0 };
  #run: PollingRun | undefined;
  #state: MappingState = 'Disabled';
  #lastResult = 'No records processed';
  /** Stops and updates run one after another, in the order of the calls. */
  #changes: Promise<void> = Promise.resolve();

  /** Throws InvalidMappingError or InvalidFilterError for a configuration that Lambda refuses. */
  constructor(configuration: MappingConfiguration, dependencies: MappingDependencies) {
    checkMapping(configuration);
    compileFilter(configuration.filterCriteria);
    this.#configuration = configuration;
    this.#dependencies = dependencies;
  }

  get configuration(): MappingConfiguration {
    return this.#configuration;
  }

  /** Starts to poll if the configuration is enabled. Does nothing if it is not, or if the mapping polls already. */
  start(): void {
    if (!this.#configuration.enabled || this.#run) return;
    this.#state = 'Enabling';
    this.#run = new PollingRun(this.#configuration, this.#dependencies, {
      counts: this.#counts,
      polling: () => {
        if (this.#state === 'Enabling') this.#state = 'Enabled';
      },
      result: (text) => {
        this.#lastResult = text;
      },
    });
    this.#run.start();
  }

  /**
   * Changes a mapping, even while it runs. Batches in flight finish with the old configuration. `enabled` starts and
   * stops it. Throws as the constructor does, and then changes nothing.
   */
  async update(changes: Partial<MappingConfiguration>): Promise<void> {
    const changed = { ...this.#configuration, ...changes };
    checkMapping(changed);
    compileFilter(changed.filterCriteria);
    this.#configuration = changed;
    await this.#change(async () => {
      await this.#endRun();
      this.start();
    });
  }

  /** Stops polling, and resolves when batches in flight are finished. A long poll takes up to a second. */
  stop(): Promise<void> {
    return this.#change(() => this.#endRun());
  }

  state(): MappingState {
    return this.#state;
  }

  /** In Lambda's words: `No records processed`, `OK`, or `PROBLEM: ...`. */
  lastProcessingResult(): string {
    return this.#lastResult;
  }

  /** Counts since the mapping was made. `returned` messages come back after their visibility timeout. */
  stats(): MappingCounts {
    return { ...this.#counts };
  }

  #change(change: () => Promise<void>): Promise<void> {
    this.#changes = this.#changes.then(change);
    return this.#changes;
  }

  async #endRun(): Promise<void> {
    if (!this.#run) return;
    this.#state = 'Disabling';
    await this.#run.stop();
    this.#run = undefined;
    this.#state = 'Disabled';
  }
}
