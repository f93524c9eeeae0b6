/**
 * The visibility timeout of a queue: six times the function's timeout, and the batching window. Lambda recommends this,
 * because its poller retries a batch while the function is throttled [lambda/latest/dg/services-sqs-configure.html].
 *
 * @param {{ timeout: number, batchWindow?: number }} declaration both in seconds
 * @returns {number} seconds
 */
export function visibilityTimeout({ timeout, batchWindow = 0 }) {
  return 6 * timeout + batchWindow;
}
