/** A function: where its code is, and its limits. */
export interface FunctionConfiguration {
  name: string;
  arn: string;
  /** Path and export below the code directory, such as `src/functions/jobs.handler`. */
  handler: string;
  /** The unzipped bundle. */
  codeDirectory: string;
  environment: Record<string, string>;
  /** Lambda allows 128 to 10,240. Here it limits the heap. */
  memoryMegabytes: number;
  /** Lambda allows 1 to 900. Fractions are allowed here. */
  timeoutSeconds: number;
  /** More invocations than this at the same time are refused with a `ThrottledError`. 0 refuses all. */
  reservedConcurrency?: number;
  /**
   * Whether a chain of requests that keeps coming back to the function may go on. If not, it ends after 16 invocations.
   */
  recursiveLoop?: 'Allow' | 'Terminate';
}
