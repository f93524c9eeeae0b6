import { randomUUID } from 'node:crypto';
import type { FunctionConfiguration } from './configuration.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import { lineageOf, MOST_ROUNDS } from './lineage.ts';
import { LogTail } from './log-tail.ts';
import { ThrottledError } from './throttled-error.ts';

export interface InvocationResult {
  /** The response as JSON, or Lambda's description of the error: `{ errorType, errorMessage, trace? }`. */
  payload: string;
  /** Set when the function threw, timed out or crashed. */
  functionError?: 'Unhandled';
  requestId: string;
  /** The last 4 KB of the invocation's log as plain text. */
  logTail: string;
  /** Milliseconds, without the time to load the function. */
  durationMs: number;
}

/** Runs a function's invocations in separate processes: one for each concurrent invocation, reused while warm. */
export class LambdaFunction {
  readonly configuration: FunctionConfiguration;
  readonly #log: (line: string) => void;
  readonly #environments = new Set<ExecutionEnvironment>();
  /** Warm and free. The one used last is taken first, so that a function with little work needs few processes. */
  readonly #idle: ExecutionEnvironment[] = [];
  #running = 0;
  #invocations = 0;
  #errors = 0;
  #billedMs = 0;
  #throttles = 0;
  #recursiveInvocationsDropped = 0;
  #closed = false;

  constructor(configuration: FunctionConfiguration, options: { log: (line: string, functionName: string) => void }) {
    this.configuration = configuration;
    this.#log = (line) => options.log(line, configuration.name);
  }

  /**
   * Invokes the function with a JSON event, and resolves with its answer. Errors of the function are results. Throws
   * ThrottledError at the reserved concurrency, and an Error after close() or when no process can be started. `rounds`
   * is how often the same chain of requests has invoked it before.
   */
  async invoke(payload: string, options: { traceId?: string; rounds?: number } = {}): Promise<InvocationResult> {
    const { name, arn, reservedConcurrency = Number.POSITIVE_INFINITY, memoryMegabytes } = this.configuration;
    if (this.#closed) throw new Error(`Function ${name} is closed and takes no more invocations`);
    if (this.#running >= reservedConcurrency) {
      this.#throttles += 1;
      throw new ThrottledError(name, reservedConcurrency);
    }
    this.#running += 1;
    this.#invocations += 1;
    const requestId = randomUUID();
    const tail = new LogTail(requestId);
    const line = (text: string): void => {
      tail.add(text);
      this.#log(text);
    };
    const environment = this.#takeEnvironment();
    try {
      const traceId = options.traceId ?? `${newTraceId()};${lineageOf(arn, options.rounds ?? 0)}`;
      const outcome = await environment.invoke({ requestId, traceId, payload, line });
      if (outcome.functionError) this.#errors += 1;
      this.#billedMs += Math.ceil(outcome.durationMs);
      const logTail = tail.finish({
        durationMs: outcome.durationMs,
        ...(outcome.initMs === undefined ? {} : { initMs: outcome.initMs }),
        memoryMegabytes,
        usedMegabytes: Math.ceil(outcome.maxMemoryKilobytes / 1024),
      });
      return {
        payload: outcome.payload,
        ...(outcome.functionError ? { functionError: outcome.functionError } : {}),
        requestId,
        logTail,
        durationMs: outcome.durationMs,
      };
    } finally {
      this.#running -= 1;
      this.#giveBack(environment);
    }
  }

  /** Whether a chain of requests that has invoked it this often must end here. Counts those that must. */
  endsLoop(rounds: number): boolean {
    if (rounds < MOST_ROUNDS || this.configuration.recursiveLoop === 'Allow') return false;
    this.#recursiveInvocationsDropped += 1;
    return true;
  }

  /** Ends one process that runs an invocation, as a crash would. Returns false when none runs. */
  killOne(): boolean {
    const victim = [...this.#environments].find((environment) => environment.busy && environment.usable);
    if (!victim) return false;
    void victim.kill();
    return true;
  }

  /** Counts since the start, except `running` and `processes`, which are current numbers. */
  stats(): {
    invocations: number;
    errors: number;
    /** Milliseconds of all invocations, each rounded up. */
    billedMs: number;
    throttles: number;
    recursiveInvocationsDropped: number;
    running: number;
    processes: number;
  } {
    return {
      invocations: this.#invocations,
      errors: this.#errors,
      billedMs: this.#billedMs,
      throttles: this.#throttles,
      recursiveInvocationsDropped: this.#recursiveInvocationsDropped,
      running: this.#running,
      processes: this.#environments.size,
    };
  }

  /** Ends all processes at once, even with running invocations, and refuses new ones. Resolves when all have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#environments].map((environment) => environment.kill()));
  }

  #takeEnvironment(): ExecutionEnvironment {
    for (let warm = this.#idle.pop(); warm; warm = this.#idle.pop()) {
      if (warm.usable) return warm;
    }
    const fresh = new ExecutionEnvironment(this.configuration, this.#log);
    this.#environments.add(fresh);
    void fresh.closed.then(() => this.#forget(fresh));
    return fresh;
  }

  #giveBack(environment: ExecutionEnvironment): void {
    if (environment.usable && !this.#closed) this.#idle.push(environment);
    else void environment.kill();
  }

  #forget(environment: ExecutionEnvironment): void {
    this.#environments.delete(environment);
    const position = this.#idle.indexOf(environment);
    if (position >= 0) this.#idle.splice(position, 1);
  }
}

/** A trace header in X-Ray's form, not sampled. */
function newTraceId(): string {
  const id = randomUUID().replaceAll('-', '');
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${id.slice(0, 24)};Parent=${id.slice(16)};Sampled=0`;
}
