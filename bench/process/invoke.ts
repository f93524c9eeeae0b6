import type { Behaviour } from '../stub/table.ts';
import type { Job } from './event.ts';
import { type Measured, Session } from './session.ts';
import { tablesAt, tablesHere } from './tables.ts';

/** What a measuring process is told, as the JSON in its first argument. */
export interface Task {
  /** The bundle to load. */
  readonly file: string;
  /** Answers the SDK in this process; without it the SDK talks to AWS_ENDPOINT_URL. */
  readonly table?: Behaviour;
  /** Records in an invocation; measured one after the other, in this order. */
  readonly batches: readonly number[];
  /** Records that go through before the first measurement, as many at each size, or `warmUpCpuMs` if that is less. */
  readonly warmUp: number;
  /** CPU and not wall time: on a busy machine a process must not be measured colder than on an idle one. */
  readonly warmUpCpuMs: number;
  /** The largest invocation of the warm-up. */
  readonly warmUpBatch: number;
  /** Measured records at each size, rounded up to whole invocations, or as many as begin within `measureMs`. */
  readonly records: number;
  readonly measureMs: number;
  readonly remainingMs: number;
  /** Starts every job id. */
  readonly prefix: string;
  /** The jobs of the one measured invocation, instead of fresh ones. */
  readonly jobs?: readonly Job[];
  /** Waits until then, milliseconds since the epoch, so that two processes begin together. */
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

// On file descriptor 3: standard output belongs to the function's logs.
run(JSON.parse(process.argv[2] ?? '{}')).then((measured) => {
  require('node:fs').writeSync(3, JSON.stringify(measured));
  process.exit();
});
