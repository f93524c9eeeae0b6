import type { LambdaFunction } from '../functions/lambda-function.ts';
import { ThrottledError } from '../functions/throttled-error.ts';

/** Lambda retries an asynchronous invocation whose function failed: after one minute, then after two more. */
const RETRY_DELAYS_MS = [60_000, 120_000];
/** A throttled event is tried again after 1 s, doubling up to 5 minutes, for up to 6 hours. */
const THROTTLE_MAXIMUM_MS = 300_000;
const MAXIMUM_AGE_MS = 6 * 3_600_000;

/** The queue before asynchronous invocations, which are those with InvocationType Event, and schedules. */
export class AsyncInvocations {
  readonly #log: (line: string) => void;
  readonly #retryDelaysMs: number[];
  readonly #timers = new Set<NodeJS.Timeout>();

  /** @param retryDelaysMs one entry for each retry after a function error; the default is AWS's: 1 and 2 minutes */
  constructor(log: (line: string) => void, retryDelaysMs = RETRY_DELAYS_MS) {
    this.#log = log;
    this.#retryDelaysMs = retryDelaysMs;
  }

  /** Accepts an event and returns at once. An event whose last retry fails is logged and dropped. */
  accept(lambda: LambdaFunction, payload: string) {
    this.#attempt(lambda, payload, { failures: 0, throttles: 0, acceptedAt: Date.now() });
  }

  /** Drops the events that wait for a retry. */
  close() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #attempt(
    lambda: LambdaFunction,
    payload: string,
    state: { failures: number; throttles: number; acceptedAt: number },
  ) {
    const { name } = lambda.configuration;
    lambda.invoke(payload).then(
      (result) => {
        if (!result.functionError) return;
        const wait = this.#retryDelaysMs[state.failures];
        if (wait === undefined) {
          this.#log(
            `asynchronous invocation of ${name} failed ${state.failures + 1} times and is dropped: ${result.payload}`,
          );
          return;
        }
        this.#later(wait, () => this.#attempt(lambda, payload, { ...state, failures: state.failures + 1 }));
      },
      (error) => {
        const wait = Math.min(1000 * 2 ** state.throttles, THROTTLE_MAXIMUM_MS);
        if (!(error instanceof ThrottledError) || Date.now() - state.acceptedAt + wait > MAXIMUM_AGE_MS) {
          this.#log(`asynchronous invocation of ${name} is dropped: ${error.message}`);
          return;
        }
        this.#later(wait, () => this.#attempt(lambda, payload, { ...state, throttles: state.throttles + 1 }));
      },
    );
  }

  #later(milliseconds: number, run: () => void) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, milliseconds);
    this.#timers.add(timer);
  }
}
