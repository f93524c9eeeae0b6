import { grouped } from '../output/text.ts';
import { deadCount, type QueueDepth } from './depth.ts';

/** One line for all queues, for a log. Pure. */
export function queuesLine(depths: readonly QueueDepth[]): string {
  return depths
    .map((depth) => {
      const { name, waiting, inFlight, delayed } = depth;
      const dead = depth.deadLetters ? `, ${grouped(deadCount(depth))} dead` : '';
      return `${name}: ${grouped(waiting)} waiting, ${grouped(inFlight)} in flight, ${grouped(delayed)} delayed${dead}`;
    })
    .join('; ');
}
