import { isDeepStrictEqual } from 'node:util';
import type { DeadLetter } from '../../operator/dead-letters/reading/letter.ts';
import type { DemoMessage } from '../mix.ts';
import type { StoredItem } from '../table.ts';
import type { Complain, Evidence } from './evidence.ts';

type Place = 'stored' | 'duplicate' | 'dead' | undefined;

/**
 * The place of each message, in the order of sending. For a message that is nowhere or in two places it is undefined,
 * and there is a complaint.
 */
export function placeMessages(
  { sent, items }: Evidence,
  letters: ReadonlyMap<number, DeadLetter>,
  complain: Complain,
): Place[] {
  const done = new Map(items.flatMap((item) => (item.status === 'done' ? [[item.jobId, item] as const] : [])));
  const accepted = new Set(sent.filter((message) => isResultOf(message, done)).map(jobIdOf));
  const credited = new Set<string>();
  return sent.map((message) => {
    const { sequence, kind } = message;
    const name = `Message ${sequence} (${kind})`;
    const letter = letters.get(sequence);
    if (isResultOf(message, done)) {
      if (letter) return void complain(`${name} is both stored and dead.`);
      const jobId = jobIdOf(message);
      const place = credited.has(jobId) ? 'duplicate' : 'stored';
      credited.add(jobId);
      return place;
    }
    if (letter) {
      const problem = wronglyDead(message, letter, accepted.has(jobIdOf(message)));
      if (problem) complain(`${name} is dead ${problem}.`);
      return 'dead';
    }
    const item = done.get(jobIdOf(message));
    if (item && message.expected.ends === 'stored') {
      return void complain(
        `${name}: the result is ${JSON.stringify(item.result)} and should be ${JSON.stringify(message.expected.result)}.`,
      );
    }
    return void complain(`${name} is nowhere: neither stored nor dead.`);
  });
}

function isResultOf({ expected }: DemoMessage, done: ReadonlyMap<string, StoredItem>): boolean {
  return expected.ends === 'stored' && isDeepStrictEqual(done.get(expected.jobId)?.result, expected.result);
}

function jobIdOf({ expected }: DemoMessage): string {
  return expected.ends === 'stored' ? expected.jobId : '';
}

/** @param contested whether the message's job was accepted with another payload */
function wronglyDead({ expected }: DemoMessage, { reason }: DeadLetter, contested: boolean): string | undefined {
  const wanted = expected.ends === 'dead' ? expected.errorClass : contested ? 'PayloadConflict' : undefined;
  const because = `as ${reason?.errorClass}: ${reason?.message}`;
  if (!wanted) return `and should be stored; ${because}`;
  return reason && reason.errorClass !== wanted ? `${because}, not as ${wanted}` : undefined;
}
