import { answerInProcess } from '../stub/in-process.ts';
import { StubTable } from '../stub/table.ts';
import { contextOf, eventOf, freshJobs } from './event.ts';
import { cpuMsSince, type Handler } from './session.ts';

/** The order for a process that compares two bundles, as the JSON in its first argument. */
export interface Comparison {
  /** Both bundles, which are loaded and warmed up in this order. */
  readonly files: readonly [string, string];
  readonly batches: readonly number[];
  readonly warmUp: number;
  /** Records of one turn. */
  readonly records: number;
  readonly turns: number;
}

/** CPU per record of each bundle, microseconds: by batch size, one number a turn. */
export type Compared = Record<number, [number[], number[]]>;

/**
 * Two bundles take turns in one process, so that the machine is the same for both. Two processes differ in the layout
 * of their heap and in their share of a busy machine, and that difference is larger than what a trick saves.
 */
async function compare({ files, batches, warmUp, records, turns }: Comparison): Promise<Compared> {
  const handlers = files.map((file) => require(file).handler as Handler) as [Handler, Handler];
  let prefix = 0;
  const turn = async (handler: Handler, batch: number, count: number): Promise<number> => {
    answerInProcess(new StubTable({}));
    const events = Array.from({ length: Math.ceil(count / batch) }, () => eventOf(freshJobs(`t${++prefix}`, batch)));
    const context = contextOf(900_000);
    globalThis.gc?.();
    const before = process.cpuUsage();
    for (const event of events) {
      const { batchItemFailures } = await handler(event, context);
      if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} jobs failed`);
    }
    return (1_000 * cpuMsSince(before)) / (events.length * batch);
  };
  const compared: Compared = {};
  for (const batch of batches) {
    for (const handler of handlers) await turn(handler, batch, warmUp);
    const [first, second]: [number[], number[]] = [[], []];
    for (let i = 0; i < turns; i++) {
      first.push(await turn(handlers[0], batch, records));
      second.push(await turn(handlers[1], batch, records));
    }
    compared[batch] = [first, second];
  }
  return compared;
}

compare(JSON.parse(process.argv[2] ?? '{}')).then((compared) => {
  require('node:fs').writeSync(3, JSON.stringify(compared));
  process.exit();
});
