import type { DeadLetter } from '../../operator/dead-letters/reading/letter.ts';
import { SEQUENCE_ATTRIBUTE } from '../mix.ts';
import { type Complain, type Evidence, undoneByCrash } from './evidence.ts';

/**
 * Each dead letter must be a message that was sent, unchanged, with its reason. It must be there once, unless a process
 * died between the copy and its acknowledgement.
 */
export function checkDeadLetters(
  evidence: Evidence,
  complain: Complain,
): { bySequence: Map<number, DeadLetter>; again: number } {
  const sent = new Map(evidence.sent.map((message) => [message.sequence, message]));
  const bySequence = new Map<number, DeadLetter>();
  let again = 0;
  for (const letter of evidence.deadLetters.toSorted((a, b) => failedAt(a) - failedAt(b))) {
    const sequence = Number(letter.attributes[SEQUENCE_ATTRIBUTE]?.StringValue);
    const message = sent.get(sequence);
    if (!message) {
      complain(`A dead letter is none of the messages sent: ${letter.body.slice(0, 80)}`);
      continue;
    }
    if (message.body !== letter.body)
      complain(`The body of message ${sequence} changed on its way to the dead letters.`);
    if (!letter.reason) complain(`Message ${sequence} (${message.kind}) is dead without a reason.`);
    const earlier = bySequence.get(sequence);
    if (earlier && undoneByCrash(failedAt(earlier), evidence)) again += 1;
    else if (earlier)
      complain(`Message ${sequence} (${message.kind}) is among the dead letters twice, and no crash explains it.`);
    bySequence.set(sequence, letter);
  }
  return { bySequence, again };
}

function failedAt({ reason }: DeadLetter): number {
  return Date.parse(reason?.lastFailedAt ?? '') || 0;
}
