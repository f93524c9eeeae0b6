/** A request of SQS as JSON: `{ QueueUrl, ... }`. */
export type Body = Record<string, unknown>;

/** Who sends a request, and how. */
export interface Caller {
  /** What queue URLs start with, such as `127.0.0.1:4566`. */
  host: string;
  isGone: () => boolean;
  /** `X-Amzn-Trace-Id`: the trace of a function that calls, with its lineage. */
  traceHeader?: string;
}
