/** An SQS event source mapping. */
export interface MappingConfiguration {
  uuid: string;
  queueUrl: string;
  queueArn: string;
  functionArn: string;
  region: string;
  /** 1 to 10,000; on FIFO queues at most 10. */
  batchSize: number;
  /** 0 to 300; not on FIFO queues; at least 1 for more than 10 records. */
  windowSeconds: number;
  /** Batches at the same time, 2 to 1,000. Without it the mapping chooses the number itself. */
  maximumConcurrency?: number;
  reportBatchItemFailures: boolean;
  /** `{ Filters: [{ Pattern }] }`. Messages that match none are deleted. */
  filterCriteria?: unknown;
  enabled: boolean;
}

/** Lambda refuses this event source mapping. The message lists every reason. */
export class InvalidMappingError extends Error {
  override readonly name = 'InvalidMappingError';
}

const inRange = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

/** Throws InvalidMappingError when Lambda's limits do not allow the configuration. */
export function checkMapping(configuration: MappingConfiguration): void {
  const { uuid, queueArn, batchSize, windowSeconds, maximumConcurrency } = configuration;
  const fifo = queueArn.endsWith('.fifo');
  const most = fifo ? 10 : 10_000;
  const problems: string[] = [];
  if (!inRange(batchSize, 1, most)) {
    problems.push(
      `BatchSize ${batchSize} must be an integer from 1 to ${most} for a ${fifo ? 'FIFO' : 'standard'} queue`,
    );
  }
  if (fifo && windowSeconds !== 0) {
    problems.push(`MaximumBatchingWindowInSeconds ${windowSeconds} is not supported for FIFO queues: leave it out`);
  } else if (!inRange(windowSeconds, 0, 300)) {
    problems.push(`MaximumBatchingWindowInSeconds ${windowSeconds} must be an integer from 0 to 300`);
  } else if (batchSize > 10 && windowSeconds < 1 && !fifo) {
    problems.push(
      `MaximumBatchingWindowInSeconds must be at least 1 for BatchSize ${batchSize}, which is more than 10`,
    );
  }
  if (maximumConcurrency !== undefined && !inRange(maximumConcurrency, 2, 1000)) {
    problems.push(`MaximumConcurrency ${maximumConcurrency} must be an integer from 2 to 1000`);
  }
  if (problems.length > 0) throw new InvalidMappingError(`Event source mapping ${uuid}: ${problems.join('; ')}`);
}

/**
 * Throws InvalidMappingError when the function may still run while the queue hands out its messages again. Lambda
 * refuses to create such a mapping. Both times are in seconds.
 */
export function checkVisibility(times: { functionTimeout: number; visibilityTimeout: number }): void {
  const { functionTimeout, visibilityTimeout } = times;
  if (functionTimeout <= visibilityTimeout) return;
  throw new InvalidMappingError(
    `Queue visibility timeout: ${visibilityTimeout} seconds is less than Function timeout: ${functionTimeout} seconds. ` +
      `Set it to at least 6 times the function timeout plus the batching window`,
  );
}
