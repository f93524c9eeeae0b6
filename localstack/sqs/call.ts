/** A request to SQS as JSON: `{ QueueUrl, ... }`. */
export type Body = Record<string, unknown>;

/** The sender of a request. */
export interface Caller {
  /** The start of queue URLs, such as `127.0.0.1:4566`. */
  host: string;
  isGone: () => boolean;
  /** `X-Amzn-Trace-Id`: the trace of the function that calls, with its lineage. */
  traceHeader?: string;
}
