import type { CommandContext } from './command.ts';

/**
 * Work that an interrupted process waits for (up to its grace): it sees `context.signal` itself, and then has things to
 * put right, such as letters to give back or a file to end.
 */
export async function seeThrough<Result>(
  { onInterrupt }: Pick<CommandContext, 'onInterrupt'>,
  work: Promise<Result>,
): Promise<Result> {
  return await work.finally(onInterrupt(() => work.catch(() => {})));
}
