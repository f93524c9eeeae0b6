import type { ChildProcess } from 'node:child_process';
import { Deferred, GivenUp, KilledItsProcess } from '../failures/errors.ts';
import type { JobContext, Json } from '../job.ts';
import type { RawJob } from '../queues/message.ts';
import { type Answer, errorOf, fieldsOf, type Order } from './messages.ts';
import { type Sandbox, SandboxUnavailable } from './sandbox.ts';
import { SANDBOX_VARIABLE } from './serve.ts';

/** Milliseconds between two pings, which test whether the child's event loop still turns. */
const PING_MS = 100;
/** Milliseconds that an aborted handler has to end before its process is ended. */
const GRACE_MS = 250;
/** An event loop that was silent for less was slow, not blocked; milliseconds. */
const LEAST_SILENCE_MS = 500;
/** And it must have been silent for at least this share of the job's time. */
const SILENCE_SHARE = 0.5;
/** What this process keeps of its own heap while the child runs. */
const KEPT_MB = 32;
const LEAST_MB = 32;
const MB = 1024 * 1024;
/** The signals that end a process when its memory is used up: Node aborts, or the system kills it. */
const MEMORY_SIGNALS = new Set(['SIGABRT', 'SIGKILL']);

/**
 * Runs jobs in a child process, so that a job can end only that process, and we can tell how it ended. This process can
 * still end if both use up the memory that they share. Then the job's lease stays, and the next receive finds it
 * expired.
 *
 * A child runs one job after another until a job ends it. When a child ends that ran other jobs before, one of those
 * may be the cause. The job then runs again in a fresh child.
 */
export class ProcessSandbox implements Sandbox {
  readonly #options: SandboxOptions;
  #child: Child | undefined;

  /** The child process starts only with `prepare` or `run`. */
  constructor(options: SandboxOptions) {
    this.#options = options;
  }

  prepare(): void {
    this.#child ??= new Child(this.#options);
  }

  async run(type: string, job: RawJob, context: JobContext<unknown>): Promise<Json> {
    this.prepare();
    const child = this.#child as Child;
    const { isFresh } = child;
    try {
      return await child.run(type, job, context);
    } catch (error) {
      if (child.isOver) this.#child = undefined;
      if (!(error instanceof ChildEnded)) throw error;
      if (isFresh) throw new KilledItsProcess(`the job ${error.message}`);
      if (context.signal.aborted) throw new Deferred('it ran in a process that an earlier job may have blocked');
      return await this.run(type, job, context);
    }
  }

  close(): void {
    this.#child?.end();
    this.#child = undefined;
  }
}

export interface SandboxOptions {
  /** The file that the child loads: the function's own bundle, which calls `serveSandbox`. */
  readonly file: string;
  /** The child's heap. The default is what is free of this process's own. */
  readonly heapMb?: number;
  /** Where the child's error output goes: that of handlers, and Node's report when memory runs out. */
  readonly stderr?: 'inherit' | 'ignore';
}

function heapLeftMb(): number {
  const { heap_size_limit, used_heap_size } = process.getBuiltinModule('node:v8').getHeapStatistics();
  return Math.max(LEAST_MB, Math.floor((heap_size_limit - used_heap_size) / MB) - KEPT_MB);
}

/** The child process ended. The message continues a sentence that begins with "the job". */
class ChildEnded extends Error {}

class Child {
  readonly #process: ChildProcess;
  readonly #heapMb: number;
  readonly #ready = Promise.withResolvers<void>();
  #isReady = false;
  #listener: ((answer: Answer) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;
  #lastWords: string | undefined;
  #end: Error | undefined;

  constructor({ file, heapMb = heapLeftMb(), stderr = 'inherit' }: SandboxOptions) {
    this.#heapMb = heapMb;
    // Loaded here, so that a cold start does not wait for it when no sandbox is needed.
    this.#process = process.getBuiltinModule('node:child_process').fork(file, {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', stderr, 'ipc'],
      execArgv: [`--max-old-space-size=${heapMb}`],
      env: { ...process.env, [SANDBOX_VARIABLE]: String(process.pid) },
    });
    this.#ready.promise.catch(() => {});
    this.#process
      .on('message', (message: unknown) => {
        // Jobs can send messages of any form.
        if (typeof message !== 'object' || message === null) return;
        const answer = message as Answer;
        if (answer.kind === 'ready') {
          this.#isReady = true;
          this.#ready.resolve();
        } else if (answer.kind === 'lastWords') this.#lastWords = answer.error;
        else this.#listener?.(answer);
      })
      .on('error', (error) => this.#ended(`could not be reached: ${error.message}`))
      // Not on `exit`, because the child's last message may be read after that.
      .on('close', (code, signal) => this.#ended(this.#describe(code, signal)));
    this.#process.unref();
    this.#process.channel?.unref();
  }

  /** Whether no job has run in it yet. */
  get isFresh(): boolean {
    return this.#listener === undefined;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  end(): void {
    this.#end ??= new ChildEnded('was ended');
    this.#process.kill('SIGKILL');
  }

  async run(type: string, job: RawJob, context: JobContext<unknown>): Promise<Json> {
    const { attempt, fencingToken, signal, slot } = context;
    // The start is waited for first, because a child that ends before it was not ended by the job.
    if (!this.#isReady) await startedBefore(signal, this.#ready.promise);
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    const watch = new Watch(
      (order) => this.#post(order),
      (error) => {
        reject(error);
        this.end();
      },
    );
    this.#fail = reject;
    this.#listener = (answer) => {
      watch.hear();
      if (answer.kind === 'result') resolve(answer.result);
      else if (answer.kind === 'failure' || answer.kind === 'deferred') reject(errorOf(answer));
    };
    if (this.#end) reject(this.#end);
    else {
      const remainingMs = context.getRemainingTimeInMillis();
      this.#post({ kind: 'run', type, job, attempt, fencingToken, slot, lambda: fieldsOf(context), remainingMs });
    }
    const onAbort = () => watch.abort();
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    return await promise.finally(() => {
      watch.stop();
      signal.removeEventListener('abort', onAbort);
      this.#fail = undefined;
    });
  }

  #post(order: Order): void {
    // If the child has ended meanwhile, its `close` event reports that.
    if (this.#process.connected) this.#process.send(order, () => {});
  }

  #ended(how: string): void {
    this.#end ??= this.#isReady ? new ChildEnded(how) : new SandboxUnavailable(`the sandbox did not start: it ${how}`);
    if (!this.#isReady) this.#ready.reject(this.#end);
    this.#fail?.(this.#end);
  }

  #describe(code: number | null, signal: NodeJS.Signals | null): string {
    if (this.#lastWords !== undefined) return `left an error that nobody handles: ${this.#lastWords}`;
    if (signal && MEMORY_SIGNALS.has(signal)) {
      return `ended its process by ${signal}, as one does whose memory is used up (${this.#heapMb} MB of heap)`;
    }
    return `ended its process ${signal ? `by ${signal}` : `with exit code ${code}`}`;
  }
}

/** @throws Deferred when the run is aborted before the child has started. The job has not begun then. */
async function startedBefore(signal: AbortSignal, ready: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new Deferred('the process that it has to run in alone had not started in time'));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort);
  await Promise.race([ready, promise]).finally(() => signal.removeEventListener('abort', onAbort));
}

/** Watches one run: whether the event loop turns, and whether the job ends after it is aborted. */
class Watch {
  readonly #post: (order: Order) => void;
  readonly #giveUp: (error: Error) => void;
  readonly #began = performance.now();
  readonly #pings: NodeJS.Timeout;
  #heard = this.#began;
  #grace: NodeJS.Timeout | undefined;

  constructor(post: (order: Order) => void, giveUp: (error: Error) => void) {
    this.#post = post;
    this.#giveUp = giveUp;
    this.#pings = setInterval(() => post({ kind: 'ping' }), PING_MS);
  }

  hear(): void {
    this.#heard = performance.now();
  }

  abort(): void {
    this.#post({ kind: 'abort', reason: 'the job was aborted' });
    if (this.#isBlocked()) this.#end();
    else this.#grace = setTimeout(() => this.#end(), GRACE_MS);
  }

  stop(): void {
    clearInterval(this.#pings);
    clearTimeout(this.#grace);
  }

  #end(): void {
    const silence = Math.round(performance.now() - this.#heard);
    this.#giveUp(
      this.#isBlocked()
        ? new ChildEnded(`blocked its event loop for ${silence} ms, past its time limit`)
        : new GivenUp(),
    );
  }

  #isBlocked(): boolean {
    const now = performance.now();
    const silence = now - this.#heard;
    return silence >= LEAST_SILENCE_MS && silence >= SILENCE_SHARE * (now - this.#began);
  }
}
