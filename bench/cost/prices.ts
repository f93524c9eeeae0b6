/** List prices of us-east-1 in US dollars, without any free tier. */
export const PRICES = {
  /** A million write units and read units, on demand. */
  writeUnits: 0.625,
  readUnits: 0.125,
  /** A million invocations. */
  invocations: 0.2,
  /** A gigabyte for a second, x86_64; arm64 is a fifth less. */
  gigabyteSeconds: 0.0000166667,
  /** A million requests to a standard queue. */
  queueRequests: 0.4,
} as const;

/** A function has one whole vCPU at so many MB, and its share of one below that [Lambda, memory and computing power]. */
export const MB_PER_CPU = 1_769;

/** SQS moves ten messages in one request, at most. */
export const MESSAGES_PER_REQUEST = 10;
