import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { FunctionConfiguration } from './configuration.ts';
import { encodeFrame, type FrameHeader, frameDecoder } from './frames.js';
import { outputLines } from './output-lines.ts';
import { processEnvironment } from './process-environment.ts';

/** The result of an invocation. Memory is the process's peak so far, in kilobytes. */
export interface Outcome {
  payload: string;
  functionError?: 'Unhandled';
  maxMemoryKilobytes: number;
  /** Milliseconds that loading the function took. Set only for the process's first invocation. */
  initMs?: number;
  /** Milliseconds from passing on the event to the end of the output. */
  durationMs: number;
}

export interface InvocationRequest {
  requestId: string;
  traceId: string;
  payload: string;
  /** Receives the invocation's output, line by line. */
  line: (text: string) => void;
}

interface Running extends InvocationRequest {
  resolve: (outcome: Outcome) => void;
  reject: (error: Error) => void;
  startedAt: number;
  timer?: NodeJS.Timeout;
  response?: FrameHeader;
  responsePayload: string;
  /** Output streams that have not yet delivered all output of this invocation. */
  openStreams: number;
  initMs?: number;
}

const bootstrap = fileURLToPath(new URL('./bootstrap.js', import.meta.url));

/**
 * Lambda gives a function 10 s to load. Here it may also take as long as the function's own time limit, for busy
 * laptops.
 */
const initLimitMs = 10_000;

/** Milliseconds to wait for the last output of a process that has exited. */
const lastOutputMs = 100;

/**
 * One process that runs one invocation at a time, like Lambda's execution environments. It loads the function once.
 * After a response or a thrown error it stays warm. After a time-out, a crash or a failed load it is not used again.
 */
export class ExecutionEnvironment {
  readonly #configuration: FunctionConfiguration;
  readonly #log: (line: string) => void;
  readonly #child: ChildProcess;
  /** Missing when the process could not be started. */
  readonly #pipe: Socket | undefined;
  /** Resolves when the process has ended and its last output has been delivered. */
  readonly closed: Promise<void>;
  readonly #spawnedAt = performance.now();
  #ready = false;
  #spent = false;
  #running: Running | undefined;
  /** The time limit after which the host ended the process; undefined when it ended on its own. */
  #timedOutAfterMs: number | undefined;

  constructor(configuration: FunctionConfiguration, log: (line: string) => void) {
    this.#configuration = configuration;
    this.#log = log;
    const { memoryMegabytes, codeDirectory } = configuration;
    // Lambda gives these shares of its memory to the heap's generations.
    const heap = Math.floor(memoryMegabytes * 0.9);
    const young = Math.max(1, Math.floor(memoryMegabytes * 0.05));
    this.#child = spawn(
      process.execPath,
      [`--max-old-space-size=${heap}`, `--max-semi-space-size=${young}`, bootstrap],
      { cwd: codeDirectory, env: processEnvironment(configuration), stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
    );
    this.#pipe = this.#child.stdio?.[3] as Socket | undefined;
    this.#pipe?.on(
      'data',
      frameDecoder((header, payload) => this.#receive(header, payload)),
    );
    // A process may die while an event is written to it. Its exit reports that.
    this.#pipe?.on('error', () => {});
    this.#listen(this.#child.stdout);
    this.#listen(this.#child.stderr);
    this.closed = new Promise((resolve) => this.#watchExit(resolve));
  }

  /** False once the process can run no further invocation. */
  get usable(): boolean {
    return !this.#spent;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /**
   * Runs one invocation. Everything that the function does, even ending its process, is an outcome. It rejects only
   * when no process could be started. Call it only when the environment is usable and not busy.
   */
  invoke(request: InvocationRequest): Promise<Outcome> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const running: Running = {
      ...request,
      resolve,
      reject,
      startedAt: performance.now(),
      responsePayload: '',
      openStreams: 2,
    };
    this.#running = running;
    if (this.#ready) this.#begin(running);
    else this.#limit(running, Math.max(initLimitMs, this.#configuration.timeoutSeconds * 1000));
    return promise;
  }

  /** Ends the process at once with SIGKILL, as Lambda does. Resolves when it has ended. */
  kill(): Promise<void> {
    this.#spent = true;
    this.#child.kill('SIGKILL');
    return this.closed;
  }

  #limit(running: Running, milliseconds: number): void {
    clearTimeout(running.timer);
    running.timer = setTimeout(() => {
      this.#timedOutAfterMs = milliseconds;
      void this.kill();
    }, milliseconds);
  }

  #begin(running: Running): void {
    const { requestId, traceId, payload } = running;
    const { timeoutSeconds, arn } = this.#configuration;
    running.startedAt = performance.now();
    this.#limit(running, timeoutSeconds * 1000);
    const deadline = Date.now() + timeoutSeconds * 1000;
    this.#pipe?.write(encodeFrame({ type: 'invoke', requestId, traceId, deadline, invokedFunctionArn: arn }, payload));
  }

  #receive(header: FrameHeader, payload: string): void {
    const running = this.#running;
    if (header.type === 'ready') {
      this.#ready = true;
      if (!running) return;
      running.initMs = performance.now() - this.#spawnedAt;
      this.#begin(running);
    } else if (header.type === 'response') {
      if (!running || header.requestId !== running.requestId) return;
      running.response = header;
      running.responsePayload = payload;
      this.#finishWhenComplete(running);
    } else {
      // The function failed to load, or there was an error outside the handler. The process is about to exit, and its
      // exit ends the invocation.
      this.#spent = true;
      if (running) {
        running.response = header;
        running.responsePayload = payload;
      }
    }
  }

  #listen(stream: NodeJS.ReadableStream | null | undefined): void {
    if (!stream) return;
    const streamEnded = (): void => {
      const running = this.#running;
      if (!running) return;
      running.openStreams -= 1;
      this.#finishWhenComplete(running);
    };
    stream.setEncoding('utf8');
    stream.on(
      'data',
      outputLines({
        line: (text) => (this.#running ? this.#running.line(text) : this.#log(text)),
        lateLine: (text, requestId) => this.#log(`${text} [written after the response of ${requestId}]`),
        end: (requestId) => {
          if (requestId === this.#running?.requestId) streamEnded();
        },
      }),
    );
  }

  #finishWhenComplete(running: Running): void {
    const { response } = running;
    if (response?.type !== 'response' || running.openStreams > 0) return;
    this.#settle(running, running.responsePayload, response.failed === true);
  }

  #settle(running: Running, payload: string, failed: boolean): void {
    clearTimeout(running.timer);
    this.#running = undefined;
    running.resolve({
      payload,
      ...(failed ? { functionError: 'Unhandled' } : {}),
      maxMemoryKilobytes: Number(running.response?.maxMemoryKilobytes ?? 0),
      ...(running.initMs === undefined ? {} : { initMs: running.initMs }),
      durationMs: performance.now() - running.startedAt,
    });
  }

  #watchExit(resolve: () => void): void {
    let over = false;
    const finish = (reason: string | undefined): void => {
      if (over) return;
      over = true;
      this.#exited(reason);
      resolve();
    };
    const reasonFor = (code: number | null, signal: string | null): string | undefined => {
      if (signal) return `signal: ${signal === 'SIGABRT' ? 'aborted' : signal === 'SIGKILL' ? 'killed' : signal}`;
      return code === 0 ? undefined : `exit status ${code}`;
    };
    this.#child.once('error', (error) => {
      this.#spent = true;
      const { name } = this.#configuration;
      const running = this.#running;
      this.#running = undefined;
      clearTimeout(running?.timer);
      running?.reject(new Error(`Could not start a process for function ${name}: ${error.message}`, { cause: error }));
      resolve();
    });
    this.#child.once('exit', (code, signal) => {
      this.#spent = true;
      // A process that the function itself started may keep the output open for ever.
      setTimeout(() => finish(reasonFor(code, signal)), lastOutputMs).unref();
    });
    this.#child.once('close', (code, signal) => finish(reasonFor(code, signal)));
  }

  #exited(reason: string | undefined): void {
    this.#pipe?.destroy();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    const running = this.#running;
    if (!running) return;
    const id = running.requestId;
    if (this.#timedOutAfterMs !== undefined) {
      const seconds = (this.#timedOutAfterMs / 1000).toFixed(2);
      running.line(`${new Date().toISOString()} ${id} Task timed out after ${seconds} seconds`);
      const errorMessage = `RequestId: ${id} Error: Task timed out after ${seconds} seconds`;
      this.#settle(running, JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage }), true);
    } else if (running.response) {
      const { type, failed } = running.response;
      this.#settle(running, running.responsePayload, type !== 'response' || failed === true);
    } else {
      const what = reason ? `Runtime exited with error: ${reason}` : 'Runtime exited without providing a reason';
      running.line(`RequestId: ${id} Error: ${what}`);
      const errorMessage = `RequestId: ${id} Error: ${what}`;
      this.#settle(running, JSON.stringify({ errorType: 'Runtime.ExitError', errorMessage }), true);
    }
  }
}
