import { clearScreenDown, moveCursor } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Printer } from '../../output/printer.ts';

/**
 * Shows something again and again until the signal aborts: on a terminal in the same place, elsewhere one below the
 * other.
 *
 * @param draw what to show, with a line end
 * @throws the signal's AbortError
 */
export async function watch(
  out: Printer,
  intervalMs: number,
  signal: AbortSignal,
  draw: () => Promise<string>,
): Promise<never> {
  let height = 0;
  for (;;) {
    const text = await draw();
    signal.throwIfAborted();
    if (out.stream.isTTY && height > 0) {
      moveCursor(out.stream, 0, -height);
      clearScreenDown(out.stream);
    }
    out.write(text);
    height = text.split('\n').length - 1;
    await delay(intervalMs, undefined, { signal });
  }
}
