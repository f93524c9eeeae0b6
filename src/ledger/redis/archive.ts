import { checkKey } from '../key.ts';
import type { JobRecord, LedgerArchive } from '../store.ts';
import { IoredisConnection } from './connection.ts';
import { type Hash, jobRecordOf } from './fields.ts';

/** Single records, whole. Each question has a connection of its own, since operators ask few. */
export class RedisArchive implements LedgerArchive {
  readonly #url: string;
  readonly #prefix: string;

  /** @param prefix as for `RedisStore` */
  constructor(url: string, prefix: string) {
    this.#url = url;
    this.#prefix = prefix;
  }

  async describe(key: string): Promise<JobRecord | undefined> {
    checkKey(key);
    const connection = new IoredisConnection(this.#url);
    try {
      const [answer] = await connection.send([['hgetall', this.#prefix + key]]);
      if (answer instanceof Error) throw answer;
      return jobRecordOf(answer as Hash);
    } finally {
      connection.destroy();
    }
  }
}
