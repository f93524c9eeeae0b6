import { SingleBar } from 'cli-progress';
import type { Printer } from './printer.ts';
import { grouped } from './text.ts';

/** Shows how far something is. */
export interface Progress {
  /** @param note what else there is to say, such as `3 refused` */
  update(done: number, note?: string): void;
  /** Removes the bar. What is written afterwards starts on a new line. */
  stop(): void;
}

const SILENT: Progress = { update() {}, stop() {} };

/**
 * Shows a bar on a terminal, or a count where the total is not known. Shows nothing elsewhere.
 *
 * @param what in the present participle: `Sending`
 */
export function startProgress({ stream }: Pick<Printer, 'stream'>, what: string, total?: number): Progress {
  if (!stream.isTTY) return SILENT;
  const counts = total === undefined ? '{count}' : `{bar} {count} of ${grouped(total)}`;
  const bar = new SingleBar({
    format: `${what} ${counts}{note}`,
    stream,
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    gracefulExit: false,
    clearOnComplete: true,
    linewrap: false,
    fps: 10,
  });
  const stop = (): void => {
    process.off('exit', stop);
    bar.stop();
  };
  // Ctrl-C must not leave a terminal without its cursor.
  process.once('exit', stop);
  bar.start(total ?? 1, 0, { count: '0', note: '' });
  return {
    update(done, note) {
      // A full bar stops, so one without a total must stay at 0.
      bar.update(total === undefined ? 0 : done, { count: grouped(done), note: note ? `, ${note}` : '' });
    },
    stop,
  };
}
