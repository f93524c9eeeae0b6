/** List prices of us-east-1 in US dollars, without any free tier. */
export const PRICES = {
  /** A million write units or read units, on demand. */
  writeUnits: 0.625,
  readUnits: 0.125,
  /** A million invocations. */
  invocations: 0.2,
  /** One gigabyte for one second, x86_64. arm64 costs a fifth less. */
  gigabyteSeconds: 0.0000166667,
  /** A million requests to a standard queue. */
  queueRequests: 0.4,
  /** A million requests to a FIFO queue. */
  fifoRequests: 0.5,
  /** A million requests to an SNS topic; deliveries to SQS are free. */
  publishes: 0.5,
} as const;

/**
 * With this many MB a function has one whole vCPU; with less, its share of one [Lambda, memory and computing power].
 */
export const MB_PER_CPU = 1_769;

/** The most messages that SQS takes or returns in one request. */
export const MESSAGES_PER_REQUEST = 10;
