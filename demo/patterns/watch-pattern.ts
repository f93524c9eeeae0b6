import { setTimeout as delay } from 'node:timers/promises';
import { type Counts, countsOf } from '../../operator/stage/counts.ts';
import { seconds } from '../printing.ts';
import { startProgress } from '../progress.ts';
import { total, ZEROS } from '../queue.ts';
import { type Random, wholeNumber } from '../random.ts';
import type { Pattern, Plan, World } from './pattern.ts';

const POLL_MS = 100;
/** Processes that are killed, each as soon as this share of the messages is settled and one is busy. */
const KILLED_AT = [0.05, 0.2, 0.4];

/**
 * Sends a plan's messages, kills processes meanwhile, and waits until the pattern's queues are empty or the time is over.
 *
 * @returns what is wrong at that moment, one sentence each
 */
export async function watchPattern(
  { queues, functions }: Pattern,
  plan: Plan,
  { world, random, timeUp }: { world: World; random: Random; timeUp: AbortSignal },
): Promise<string[]> {
  const { stage, log } = world;
  const urls = await Promise.all(queues.map((queue) => stage.urlOf(queue)));
  const progress = startProgress(plan.arrivals);
  const startedAt = performance.now();
  let sent = 0;
  let kills = 0;
  const depthOf = async () => sumOf(await Promise.all(urls.map((url) => countsOf(stage.sqs, url))));
  const kill = (settled: number): void => {
    const due = KILLED_AT.filter((share) => settled >= share * plan.arrivals).length;
    if (kills >= due) return;
    const name = functions[(kills + wholeNumber(random, functions.length)) % functions.length] as string;
    if (!stage.functionOf(name).killOne()) return;
    kills += 1;
    const since = seconds(performance.now() - startedAt).padStart(9);
    progress.note(`${since}  killed a process of ${name} in mid-batch`);
  };
  const watching = async (): Promise<Counts> => {
    for (let zeros = 0; ; ) {
      const depth = await depthOf();
      progress.show({ sent, depth, retries: log.verdicts.retry, dead: log.verdicts.dead });
      kill(sent - total(depth));
      zeros = total(depth) + plan.arrivals - sent === 0 ? zeros + 1 : 0;
      if (zeros === ZEROS || timeUp.aborted) return depth;
      await delay(POLL_MS);
    }
  };
  try {
    const sending = plan.send(world, (arrivals) => {
      sent += arrivals;
    });
    const [{ waiting, inFlight, delayed }] = await Promise.all([watching(), sending]);
    if (waiting + inFlight + delayed === 0) return [];
    return [`When time was up the queues still held ${waiting} waiting, ${inFlight} in flight, ${delayed} delayed.`];
  } finally {
    progress.stop();
  }
}

function sumOf(counts: readonly Counts[]): Counts {
  const sum = (key: keyof Counts) => counts.reduce((all, each) => all + each[key], 0);
  return { waiting: sum('waiting'), inFlight: sum('inFlight'), delayed: sum('delayed') };
}
