import { classify } from '../failures/classify.ts';
import type { JobContext, Json } from '../job.ts';
import type { RawJob } from '../queues/message.ts';
import { type Answer, answerTo, contextOf, type Order } from './messages.ts';

/** The environment variable that makes a process a sandbox. Its value is the owner's process id. */
export const SANDBOX_VARIABLE = 'SLUICE_SANDBOX';

/** Milliseconds between two checks whether the owner still runs. */
const LOOK_MS = 500;
/**
 * Runs in a thread of its own, which works even while a job blocks the event loop. The owner's id is passed in, because
 * a job may have killed the owner before the thread starts.
 */
const ORPHAN_WATCH = `
  const { workerData: owner } = require('node:worker_threads');
  setInterval(() => process.ppid === owner || process.kill(process.pid, 'SIGKILL'), ${LOOK_MS});
`;

interface Job {
  readonly settings: unknown;
  run(job: RawJob, context: JobContext<unknown>): Json | Promise<Json>;
}

type Jobs = ReadonlyMap<string, Job>;

/** Loaded only in a sandbox. In a function it would make the cold start longer. */
export function serveSandbox(jobs: Jobs): void {
  const send = process.send?.bind(process);
  const owner = Number(process.env[SANDBOX_VARIABLE]);
  if (!owner || !send) return;
  // Processes that a job starts must not become sandboxes.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  // A job has passed only if the process survives this turn of the event loop: an error that nobody handles would end
  // it now.
  delete process.env[SANDBOX_VARIABLE];
  new Worker(ORPHAN_WATCH, { eval: true, workerData: owner }).unref();
  const post = (answer: Answer) => send(answer);
  let abort = new AbortController();

  const run = async (order: Extract<Order, { kind: 'run' }>): Promise<void> => {
    abort = new AbortController();
    const answer = await answerOf(order, jobs, abort.signal);
    // A result that cannot be cloned is not JSON.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      post(answer);
    } catch (error) {
      // Node's own report would quote the line at fault, and that line is the whole bundle.
      post(answerTo(error));
    }
  };

  process.on('message', (order: Order) => {
    if (order.kind === 'run') void run(order);
    else if (order.kind === 'abort') abort.abort(new Error(order.reason));
    else post({ kind: 'pong' });
  });
  // Node's own report would quote the line at fault, which is the whole bundle.
  process.on('uncaughtException', (error) => {
    const { errorClass, message } = classify(error, Date.now());
    const answer: Answer = { kind: 'lastWords', error: `${errorClass}: ${message}` };
    process.send?.(answer, () => process.exit(1));
  });
  post({ kind: 'ready' });
}

async function answerOf(order: Extract<Order, { kind: 'run' }>, jobs: Jobs, signal: AbortSignal): Promise<Answer> {
  try {
    const known = jobs.get(order.type);
    if (!known) throw new Error(`the sandbox knows no job type ${order.type}`);
    const { attempt, fencingToken, slot } = order;
    const { settings } = known;
    const context = { ...contextOf(order.lambda, order.remainingMs), signal, slot, attempt, fencingToken, settings };
    return { kind: 'result', result: await known.run(order.job, context) };
  } catch (error) {
    return answerTo(error);
  }
}
