import { checkDeadLetters } from './dead-letters.ts';
import { checkDeliveries } from './deliveries.ts';
import type { Complain, Evidence } from './evidence.ts';
import { checkItems } from './items.ts';
import { placeMessages } from './places.ts';

/**
 * The place of each message. `discrepancies` is empty when each is in exactly one place and everything else is right.
 */
export interface Account {
  readonly sent: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly dead: number;
  /** The dead letters whose jobs ended their process. */
  readonly killers: number;
  /**
   * Webhooks that reached the receiver. `deliveredAgain` counts repeats that a crash explains: delivery is at least
   * once.
   */
  readonly delivered: number;
  readonly deliveredAgain: number;
  /** Second copies of dead letters that a crash explains. */
  readonly deadAgain: number;
  /** One sentence each. */
  readonly discrepancies: readonly string[];
}

/** Pure. Finds where each message is, and what is wrong. */
export function takeAccount(evidence: Evidence): Account {
  const discrepancies: string[] = [];
  const complain = (sentence: string): void => void discrepancies.push(sentence);
  checkQueue(evidence, complain);
  const letters = checkDeadLetters(evidence, complain);
  const places = placeMessages(evidence, letters.bySequence, complain);
  checkItems(evidence, complain);
  const delivered = checkDeliveries(evidence, complain);

  const count = (place: string): number => places.filter((found) => found === place).length;
  const killers = evidence.sent.filter(({ kind }, i) => kind === 'killer' && places[i] === 'dead').length;
  const [sent, stored, duplicates, dead] = [evidence.sent.length, count('stored'), count('duplicate'), count('dead')];
  const sum = stored + duplicates + dead;
  if (sum !== sent) {
    complain(`${stored} stored + ${duplicates} duplicates + ${dead} dead = ${sum}, but ${sent} messages were sent.`);
  }
  return { sent, stored, duplicates, dead, killers, ...delivered, deadAgain: letters.again, discrepancies };
}

function checkQueue({ left: { waiting, inFlight, delayed } }: Evidence, complain: Complain): void {
  if (waiting + inFlight + delayed === 0) return;
  complain(
    `When time was up the queue still held messages: ${waiting} waiting, ${inFlight} in flight, ${delayed} delayed.`,
  );
}
