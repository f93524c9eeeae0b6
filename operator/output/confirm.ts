import { createInterface } from 'node:readline/promises';
import { UsageError } from '../ending/exit.ts';
import { oneLine } from './printable.ts';
import type { Printer } from './printer.ts';

/** Where a question goes, and where its answer comes from. */
export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly err: Printer;
  /** Ends the question. */
  readonly signal: AbortSignal;
}

/**
 * Asks on the terminal; anything but `y` or `yes` means no.
 *
 * @param question without its question mark: `Send 3 messages back`
 * @throws UsageError where there is no terminal to ask on
 */
export async function confirm({ input, err, signal }: Terminal, question: string): Promise<boolean> {
  if (!input.isTTY || !err.stream.isTTY) {
    throw new UsageError(`${question}? There is no terminal to ask on: add --yes, or --dry-run to see the plan only`);
  }
  const prompt = createInterface({ input, output: err.stream });
  // On a terminal that readline reads, Ctrl-C is a key and not a signal.
  prompt.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await prompt.question(`${oneLine(question)}? [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}
