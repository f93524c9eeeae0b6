import type { Behaviour } from '../stub/table.ts';
import type { Fifo, Job } from './event.ts';
import { type Measured, Session } from './session.ts';
import { tablesAt, tablesHere } from './tables.ts';

/** The order for a measuring process, as the JSON in its first argument. */
export interface Task {
  /** The bundle to load. */
  readonly file: string;
  /** Answers the SDK in this process. Without it the SDK calls AWS_ENDPOINT_URL. */
  readonly table?: Behaviour;
  /** Records in an invocation. The sizes are measured one after another, in this order. */
  readonly batches: readonly number[];
  /** Records of the warm-up, equally many at each size. It ends earlier when `warmUpCpuMs` is reached. */
  readonly warmUp: number;
  /** CPU and not wall time, so that a process on a busy machine is as warm as on an idle one. */
  readonly warmUpCpuMs: number;
  /** The largest invocation of the warm-up. */
  readonly warmUpBatch: number;
  /** Measured records at each size, rounded up to whole invocations. No invocation begins after `measureMs`. */
  readonly records: number;
  readonly measureMs: number;
  readonly remainingMs: number;
  /** The start of every job id. */
  readonly prefix: string;
  /** The jobs of the one measured invocation. Without it the jobs are fresh. */
  readonly jobs?: readonly Job[];
  /** Set where the fresh jobs are those of a FIFO queue. */
  readonly fifo?: Fifo;
  /** When to begin, in milliseconds since the epoch, so that two processes begin together. */
  readonly startAt?: number;
}

async function run(task: Task): Promise<Measured[]> {
  const tables = task.table ? tablesHere(task.table) : tablesAt(process.env.AWS_ENDPOINT_URL);
  const session = new Session(task, require(task.file).handler, tables);
  await session.warmUp();
  const warmedUp = session.sent.length;
  const measured: Measured[] = [];
  for (const batch of task.batches) measured.push(await session.measure(batch, warmedUp));
  return measured;
}

// On file descriptor 3, because standard output is for the function's logs.
run(JSON.parse(process.argv[2] ?? '{}')).then((measured) => {
  require('node:fs').writeSync(3, JSON.stringify(measured));
  process.exit();
});
