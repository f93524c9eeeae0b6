/**
 * Work that an interrupted process waits for (up to its grace): it sees `context.signal` itself, and then has things to
 * put right, such as letters to give back or a file to end.
 */
export async function seeThrough<Result>(
  { onInterrupt }: { onInterrupt(release: () => Promise<unknown>): () => void },
  work: Promise<Result>,
): Promise<Result> {
  return await work.finally(onInterrupt(() => work.catch(() => {})));
}
