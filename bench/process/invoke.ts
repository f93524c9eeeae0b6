import { answerInProcess } from '../stub/in-process.ts';
import { type Behaviour, type Counts, emptyCounts, StubTable } from '../stub/table.ts';
import { contextOf, eventOf, freshJobs, type Job } from './event.ts';

/** What a measuring process is told, as the JSON in its first argument. */
export interface Task {
  /** The bundle to load. */
  readonly file: string;
  /** Answers the SDK in this process; without it the SDK talks to AWS_ENDPOINT_URL. */
  readonly table?: Behaviour;
  readonly batch: number;
  /** Records that go through before the measurement, in batches of `warmUpBatch`. */
  readonly warmUp: number;
  readonly warmUpBatch: number;
  /** Measured invocations. */
  readonly invocations: number;
  readonly remainingMs: number;
  /** Starts every job id. */
  readonly prefix: string;
  /** The jobs of the one measured invocation, instead of fresh ones. */
  readonly jobs?: readonly Job[];
  /** Waits until then, milliseconds since the epoch, so that two processes begin together. */
  readonly startAt?: number;
}

/** What it measured over all measured invocations. */
export interface Measured {
  readonly records: number;
  readonly wallMs: number;
  /** User and system time of the whole process, its collector's threads included. */
  readonly cpuMs: number;
  readonly failed: number;
  /** High-water mark of the process, in MB; the stub's items are part of it in stub mode. */
  readonly peakMb: number;
  /** Of the measured invocations only; absent where another process answers. */
  readonly counts?: Counts;
  /** Results that are missing or wrong although their job was not reported as failed, and results written twice. */
  readonly lost?: number;
  readonly doubles?: number;
  readonly leftInProgress?: number;
  /** Records that `counts` is about, where the warm-up is part of it. */
  readonly seen?: number;
  /** How long the handler of each job ran, in the order of the batch; only for the bench's own sleeping jobs. */
  readonly jobMs?: readonly number[];
}

/** Set by the sleeping jobs, see variants/sleeping-jobs.ts. */
declare global {
  var sluiceBenchJobMs: Map<string, number> | undefined;
}

type Handler = (event: object, context: object) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;

async function run(task: Task): Promise<Measured> {
  const table = task.table && new StubTable(task.table);
  if (table) answerInProcess(table);
  const { handler }: { handler: Handler } = require(task.file);

  for (let done = 0; done < task.warmUp; done += task.warmUpBatch) {
    await handler(eventOf(freshJobs(`${task.prefix}w${done}`, task.warmUpBatch)), contextOf(task.remainingMs));
  }
  if (table) table.counts = emptyCounts();

  const batches = Array.from(
    { length: task.invocations },
    (_, i) => task.jobs ?? freshJobs(`${task.prefix}m${i}`, task.batch),
  );
  const events = batches.map(eventOf);
  const context = contextOf(task.remainingMs);
  const answers: Awaited<ReturnType<Handler>>[] = [];
  globalThis.gc?.();
  if (task.startAt) await new Promise((resolve) => setTimeout(resolve, (task.startAt ?? 0) - Date.now()));
  // Once around all of them: reading the clock of a process costs more than some batches do.
  const cpu = process.cpuUsage();
  const started = performance.now();
  for (const event of events) answers.push(await handler(event, context));
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000;

  const all = batches.flat();
  const failed = new Set(answers.flatMap(({ batchItemFailures }) => batchItemFailures.map((f) => f.itemIdentifier)));
  const results = table?.results();
  const isLost = ({ job_id, value }: Job) => !failed.has(`m-${job_id}`) && results?.get(job_id) !== value * 3;
  return {
    records: all.length,
    wallMs,
    cpuMs,
    failed: failed.size,
    ...(globalThis.sluiceBenchJobMs && {
      jobMs: all.map(({ job_id }) => globalThis.sluiceBenchJobMs?.get(job_id) ?? 0),
    }),
    peakMb: process.resourceUsage().maxRSS / 1024,
    ...(table && {
      counts: table.counts,
      lost: all.filter(isLost).length,
      doubles: table.doubles(),
      leftInProgress: table.leftInProgress(),
    }),
  };
}

// On file descriptor 3: standard output belongs to the function's logs.
run(JSON.parse(process.argv[2] ?? '{}')).then((measured) => {
  require('node:fs').writeSync(3, JSON.stringify(measured));
  process.exit();
});
