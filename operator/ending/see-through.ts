/**
 * Makes an interrupted process wait for this work, as long as its grace period lasts. The work watches `context.signal`
 * itself and then cleans up: it releases letters or ends a file.
 */
export async function seeThrough<Result>(
  { onInterrupt }: { onInterrupt(release: () => Promise<unknown>): () => void },
  work: Promise<Result>,
): Promise<Result> {
  return await work.finally(onInterrupt(() => work.catch(() => {})));
}
