import { MultiBar } from 'cli-progress';
import type { Counts } from '../operator/stage/counts.ts';
import { grouped, seconds } from './printing.ts';
import { total } from './queue.ts';

/** The state of processing at one moment. */
export interface Moment {
  readonly sent: number;
  readonly depth: Counts;
  /** Retries and dead letters that the functions have reported so far. */
  readonly retries: number;
  readonly dead: number;
}

/** Shows how a queue gets empty. On a terminal it is a bar; elsewhere one line a second while something changes. */
export interface Progress {
  show(moment: Moment): void;
  /** Prints a line while the progress is shown. */
  note(text: string): void;
  stop(): void;
}

const LINE_EVERY_MS = 1_000;
const BAR_COLUMNS = 10;

/** @param of number of messages that must leave the queue */
export function startProgress(of: number, out: NodeJS.WriteStream = process.stdout): Progress {
  return out.isTTY ? bar(of, out) : lines(of, out);
}

/**
 * Messages that were sent and are no longer on the queue. SQS counts approximately, so the result is kept between 0 and
 * `of`.
 */
function settled({ sent, depth }: Moment, of: number): number {
  return Math.max(0, Math.min(of, sent - total(depth)));
}

function bar(of: number, out: NodeJS.WriteStream): Progress {
  // In this library only a multi-bar can print lines above itself.
  const bars = new MultiBar({
    format: '  {bar} {settled} of {of}, {inFlight} in flight, {retries} retries, {dead} dead',
    stream: out,
    barsize: BAR_COLUMNS,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    gracefulExit: false,
  });
  const stop = (): void => {
    process.off('exit', stop);
    // Draws the last state.
    bars.update();
    bars.stop();
  };
  // Otherwise Ctrl-C would leave the terminal without its cursor.
  process.once('exit', stop);
  const drawn = bars.create(of, 0, { settled: 0, of: grouped(of), inFlight: 0, retries: 0, dead: 0 });
  return {
    show(moment) {
      const { depth, retries, dead } = moment;
      drawn.update(settled(moment, of), {
        settled: grouped(settled(moment, of)),
        inFlight: grouped(depth.inFlight),
        retries: grouped(retries),
        dead: grouped(dead),
      });
    },
    note: (text) => bars.log(`${text}\n`),
    stop,
  };
}

function lines(of: number, out: NodeJS.WriteStream): Progress {
  const startedAt = performance.now();
  let nextMs = LINE_EVERY_MS;
  let latest = '';
  let said = '';
  const note = (text: string): void => void out.write(`${text}\n`);
  const say = (ms: number): void => {
    if (latest === said) return;
    said = latest;
    nextMs = ms + LINE_EVERY_MS;
    note(`${seconds(ms).padStart(9)}  ${latest}`);
  };
  return {
    show(moment) {
      const { depth, retries, dead } = moment;
      const where = `${grouped(settled(moment, of))} of ${grouped(of)} settled, ${grouped(depth.inFlight)} in flight`;
      latest = `${where}, ${grouped(retries)} retries, ${grouped(dead)} dead`;
      const ms = performance.now() - startedAt;
      if (ms >= nextMs) say(ms);
    },
    note,
    stop: () => say(performance.now() - startedAt),
  };
}
