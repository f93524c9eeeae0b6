import type { Engine } from './engine.ts';
import { DynamoError, validationError } from './errors.ts';
import type { Item } from './item.ts';

interface Specification {
  AttributeName: string;
  Enabled: boolean;
}

/** DynamoDB never deletes an item whose time is more than five years ago. */
const FIVE_YEARS = 5 * 365 * 86_400;

/**
 * Time to live: the two API calls, and the sweep that deletes items. AWS sweeps within days, and this sweep runs once a
 * minute. With both, code must treat an expired item as absent.
 */
export class TimeToLive {
  readonly #engine: Engine;
  readonly #attributes = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<number> = Promise.resolve(0);

  /** @param sweepSeconds seconds between two sweeps */
  constructor(engine: Engine, sweepSeconds = 60) {
    this.#engine = engine;
    this.#timer = setInterval(() => void this.sweep(), sweepSeconds * 1000);
    this.#timer.unref();
  }

  /** UpdateTimeToLive. */
  async update(input: { TableName: string; TimeToLiveSpecification?: Specification }) {
    await this.#engine.keyNames(input.TableName);
    const specification = input.TimeToLiveSpecification;
    if (!specification?.AttributeName) throw validationError('TimeToLiveSpecification needs an AttributeName.');
    const enabled = this.#attributes.has(input.TableName);
    if (enabled === specification.Enabled) {
      throw validationError(`TimeToLive is already ${enabled ? 'enabled' : 'disabled'}`);
    }
    if (specification.Enabled) this.#attributes.set(input.TableName, specification.AttributeName);
    else this.#attributes.delete(input.TableName);
    return { TimeToLiveSpecification: specification };
  }

  /** DescribeTimeToLive. */
  async describe({ TableName }: { TableName: string }) {
    await this.#engine.keyNames(TableName);
    const AttributeName = this.#attributes.get(TableName);
    return {
      TimeToLiveDescription: AttributeName
        ? { TimeToLiveStatus: 'ENABLED', AttributeName }
        : { TimeToLiveStatus: 'DISABLED' },
    };
  }

  forget(table: string) {
    this.#attributes.delete(table);
  }

  /** Deletes the expired items of every table, and resolves to their number. Only one sweep runs at a time. */
  sweep(now = Date.now() / 1000): Promise<number> {
    this.#sweeping = this.#sweeping.then(async () => {
      let deleted = 0;
      for (const [table, attribute] of this.#attributes) deleted += await this.#sweepTable(table, attribute, now);
      return deleted;
    });
    return this.#sweeping;
  }

  async #sweepTable(table: string, attribute: string, now: number): Promise<number> {
    const keyNames = await this.#engine.keyNames(table);
    let deleted = 0;
    let start: object = {};
    do {
      const page = await this.#engine.execute('Scan', { TableName: table, ...start });
      for (const item of page.Items as Item[]) {
        const time = item[attribute];
        const seconds = Number(time?.N);
        if (time?.N === undefined || seconds > now || seconds < now - FIVE_YEARS) continue;
        const Key = Object.fromEntries(keyNames.map((name) => [name, item[name]]));
        deleted += await this.#deleteUnchanged(table, Key, attribute, time);
      }
      start = page.LastEvaluatedKey ? { ExclusiveStartKey: page.LastEvaluatedKey } : {};
    } while ('ExclusiveStartKey' in start);
    return deleted;
  }

  /** An item that was written again since the scan has a new time, and stays. */
  async #deleteUnchanged(table: string, Key: object, attribute: string, time: object): Promise<number> {
    try {
      const Expected = { [attribute]: { Value: time } };
      await this.#engine.execute('DeleteItem', { TableName: table, Key, Expected });
      return 1;
    } catch (error) {
      if (error instanceof DynamoError && error.name === 'ConditionalCheckFailedException') return 0;
      throw error;
    }
  }

  async close() {
    clearInterval(this.#timer);
    await this.#sweeping;
  }
}
