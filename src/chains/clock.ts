/** The current time. */
export interface Clock {
  /** Milliseconds since the epoch, for times that are stored or sent. */
  now(): number;
  /** Milliseconds on a clock that nobody sets, for the invocation's deadline. */
  monotonic(): number;
}

export const SYSTEM_CLOCK: Clock = { now: () => Date.now(), monotonic: () => performance.now() };
