/**
 * No execution environment was free within the function's reserved concurrency. Lambda answers this with 429
 * `TooManyRequestsException` and reason `ReservedFunctionConcurrentInvocationLimitExceeded`.
 */
export class ThrottledError extends Error {
  override readonly name = 'ThrottledError';

  constructor(functionName: string, limit: number) {
    super(
      `Function ${functionName} runs ${limit} invocations, its reserved concurrency: try again later or raise the limit`,
    );
  }
}
