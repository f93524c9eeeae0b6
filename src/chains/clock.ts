/** What time it is. */
export interface Clock {
  /** Milliseconds since the epoch, for what is written down. */
  now(): number;
  /** Milliseconds on a clock that is never set, for the invocation's deadline. */
  monotonic(): number;
}

export const SYSTEM_CLOCK: Clock = { now: () => Date.now(), monotonic: () => performance.now() };
