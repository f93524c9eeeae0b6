import { classify } from '../failures/classify.ts';
import type { JobContext, Json } from '../job.ts';
import type { RawJob } from '../queues/message.ts';
import { type Answer, answerTo, contextOf, type Order } from './messages.ts';

/** The environment variable that tells a process that it is a sandbox, and whose: the owner's process id. */
export const SANDBOX_VARIABLE = 'SLUICE_SANDBOX';

/** How often a sandbox looks whether the process is there that it belongs to; milliseconds. */
const LOOK_MS = 500;
/**
 * In a thread of its own, which turns while a job blocks the event loop. It is told who the owner is: a job may have killed it
 * before the thread runs.
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

/** In a sandbox's process, runs the handlers that it is told to run. Elsewhere does nothing. */
export function serveSandbox(jobs: Jobs): void {
  const send = process.send?.bind(process);
  const owner = Number(process.env[SANDBOX_VARIABLE]);
  if (!owner || !send) return;
  // Not loaded by functions, whose cold start it would lengthen.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  // A job's own processes are none.
  delete process.env[SANDBOX_VARIABLE];
  new Worker(ORPHAN_WATCH, { eval: true, workerData: owner }).unref();
  const post = (answer: Answer) => send(answer);
  let abort = new AbortController();

  const run = async (order: Extract<Order, { kind: 'run' }>): Promise<void> => {
    abort = new AbortController();
    const answer = await answerOf(order, jobs, abort.signal);
    // Only a process that outlives the turn has passed: an error that nobody handles ends it now.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      post(answer);
    } catch (error) {
      // What cannot be cloned is no JSON.
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
