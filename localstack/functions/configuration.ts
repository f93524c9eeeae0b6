/** What a function is: where its code lies and under which limits it runs. */
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
  /** Invocations above this number at the same time are refused with a `ThrottledError`; 0 refuses all. */
  reservedConcurrency?: number;
  /** Whether chains of requests that come back to the function go on; otherwise they end after 16 invocations. */
  recursiveLoop?: 'Allow' | 'Terminate';
}
