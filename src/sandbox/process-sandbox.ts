import type { ChildProcess } from 'node:child_process';
import { Deferred, GivenUp, KilledItsProcess } from '../failures/errors.ts';
import type { JobContext, Json } from '../job.ts';
import type { RawJob } from '../queues/message.ts';
import { type Answer, errorOf, fieldsOf, type Order } from './messages.ts';
import { type Sandbox, SandboxUnavailable } from './sandbox.ts';
import { SANDBOX_VARIABLE } from './serve.ts';

/** Between two questions whether the child's event loop still turns; milliseconds. */
const PING_MS = 100;
/** An aborted handler has this long to end before its process is ended; milliseconds. */
const GRACE_MS = 250;
/** A loop that was silent for less was slow, not blocked; milliseconds. */
const LEAST_SILENCE_MS = 500;
/** And for at least this share of the job's time. */
const SILENCE_SHARE = 0.5;
/** Of this process's heap, for what it needs itself while the child runs. */
const KEPT_MB = 32;
const LEAST_MB = 32;
const MB = 1024 * 1024;
/** What a process ends with whose memory is used up: Node aborts, or the system kills. */
const MEMORY_SIGNALS = new Set(['SIGABRT', 'SIGKILL']);

/**
 * Runs jobs in a child process: whatever one does to its process, it does there, and how that ended can be told. What ends this
 * one all the same (memory that both share) is found by the lease that it leaves.
 *
 * A child serves one job after another until one ends it. What ends a child that has served others may be a leftover of
 * theirs; the job then runs again in a fresh one.
 */
export class ProcessSandbox implements Sandbox {
  readonly #options: SandboxOptions;
  #child: Child | undefined;

  /** Costs nothing until it is prepared. */
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
  /** What the child loads: the function's own bundle, which calls `serveSandbox`. */
  readonly file: string;
  /** The child's own heap; by default what this process leaves of its own. */
  readonly heapMb?: number;
  /** Where Node's report goes when the child runs out of memory, and whatever handlers write there. */
  readonly stderr?: 'inherit' | 'ignore';
}

function heapLeftMb(): number {
  const { heap_size_limit, used_heap_size } = process.getBuiltinModule('node:v8').getHeapStatistics();
  return Math.max(LEAST_MB, Math.floor((heap_size_limit - used_heap_size) / MB) - KEPT_MB);
}

/** Its message goes on after "the job". */
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
    // Loaded here: a cold start of a function in which nothing is killed need not wait for it.
    this.#process = process.getBuiltinModule('node:child_process').fork(file, {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', stderr, 'ipc'],
      execArgv: [`--max-old-space-size=${heapMb}`],
      env: { ...process.env, [SANDBOX_VARIABLE]: String(process.pid) },
    });
    this.#ready.promise.catch(() => {});
    this.#process
      .on('message', (message: unknown) => {
        // A job may send what it likes.
        if (typeof message !== 'object' || message === null) return;
        const answer = message as Answer;
        if (answer.kind === 'ready') {
          this.#isReady = true;
          this.#ready.resolve();
        } else if (answer.kind === 'lastWords') this.#lastWords = answer.error;
        else this.#listener?.(answer);
      })
      .on('error', (error) => this.#ended(`could not be reached: ${error.message}`))
      // Not at its exit: what it said last may be read after that.
      .on('close', (code, signal) => this.#ended(this.#describe(code, signal)));
    this.#process.unref();
    this.#process.channel?.unref();
  }

  /** Whether it has run no job yet. */
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
    // Its start does not count: whoever ends before that was not ended by the job.
    await this.#ready.promise;
    const { attempt, fencingToken, signal, slot } = context;
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
    // Where the child has ended meanwhile, its exit says so.
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

/** Watches over one run: whether the event loop turns, and whether the job ends once it is aborted. */
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
