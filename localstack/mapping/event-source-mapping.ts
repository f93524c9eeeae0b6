import { checkMapping, type MappingConfiguration } from './configuration.ts';
import { compileFilter } from './filter.ts';
import type { MappingDependencies } from './handle-batch.ts';
import { type MappingCounts, PollingRun } from './polling-run.ts';

export type { MappingConfiguration } from './configuration.ts';

/** The states of Lambda's API that a mapping here passes through. */
export type MappingState = 'Enabled' | 'Disabled' | 'Enabling' | 'Disabling';

/**
 * An SQS event source mapping: polls a queue, gathers batches, invokes the function, deletes what it has dealt with.
 * Everything else is left to the queue: its visibility timeout returns messages and its redrive policy buries them.
 */
export class EventSourceMapping {
  #configuration: MappingConfiguration;
  readonly #dependencies: MappingDependencies;
  readonly #counts: MappingCounts = { received: 0, deleted: 0, returned: 0, batches: 0, inFlightBatches: 0 };
  #run: PollingRun | undefined;
  #state: MappingState = 'Disabled';
  #lastResult = 'No records processed';
  /** Stops and updates follow each other in the order of the calls. */
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

  /** Begins to poll if the configuration is enabled; otherwise, and when it polls already, nothing happens. */
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
   * Changes a mapping, also while it runs: what is in flight is finished with the old configuration. `enabled` starts
   * and stops it. Throws as the constructor does, and then changes nothing.
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

  /** Stops polling and resolves when what is in flight is finished; a long poll takes up to a second. */
  stop(): Promise<void> {
    return this.#change(() => this.#endRun());
  }

  state(): MappingState {
    return this.#state;
  }

  /** As Lambda words it: `No records processed`, `OK`, or `PROBLEM: ...`. */
  lastProcessingResult(): string {
    return this.#lastResult;
  }

  /** Counts since the mapping was made; `returned` messages were left to their visibility timeout. */
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
