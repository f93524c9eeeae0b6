import { bounded } from '../../output/printable.ts';
import type { Diagnosis } from '../diagnosis/diagnose.ts';
import { MOST_TYPE } from '../diagnosis/groups.ts';
import type { DeadLetter } from '../reading/letter.ts';
import { typeOf } from '../reading/letter-facts.ts';
import { type Decision, OUTCOMES, type Outcome } from './decision.ts';
import { type PlannedAction, PlannedLetters } from './planned-letters.ts';

/** Letters of one queue, error, type and outcome. */
export interface PlannedGroup {
  readonly queue: string;
  readonly type: string;
  /** Of the error; equal for "the same error again". */
  readonly fingerprint: string;
  /** An example of the error. */
  readonly error: string;
  readonly outcome: Outcome;
  /** An example of the reason for the outcome. */
  readonly why: string;
  readonly count: number;
  /** Message ids, at most three. */
  readonly examples: readonly string[];
}

/** What a redrive would do with the letters that were in the dead-letter queues when it read them. */
export interface Plan {
  readonly groups: readonly PlannedGroup[];
  readonly totals: Readonly<Record<Outcome, number>>;
}

const EXAMPLES = 3;
/** Further groups share one for each queue and outcome. This bounds memory where all errors differ. */
const MAX_GROUPS = 1_000;
const OTHERS = { type: '(several)', fingerprint: '', error: '(others)' };

type Growing = { -readonly [Key in keyof PlannedGroup]: PlannedGroup[Key] } & { examples: string[] };

/** What each outcome does to its letter. */
export function actionOf(outcome: Outcome): PlannedAction | undefined {
  if (outcome === 'goesBack') return 'send';
  return outcome === 'alreadyDone' ? 'drop' : undefined;
}

/** Makes a plan letter by letter. It holds a bounded number of groups, and 100 bytes a letter. */
export class PlanBuilder {
  readonly planned = new PlannedLetters();
  readonly #groups = new Map<string, Growing>();
  readonly #totals = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;

  /** A letter that the filters leave out is counted, and in no group. */
  add(queue: string, letter: DeadLetter, diagnosis: Diagnosis, { outcome, why }: Decision): void {
    this.#totals[outcome] += 1;
    if (outcome === 'notSelected') return;
    const group = this.#groupOf(queue, letter, diagnosis, { outcome, why });
    group.count += 1;
    if (group.examples.length < EXAMPLES) group.examples.push(letter.messageId);
    const action = actionOf(outcome);
    if (action) this.planned.plan(letter.messageId, action);
  }

  #groupOf(queue: string, letter: DeadLetter, diagnosis: Diagnosis, { outcome, why }: Decision): Growing {
    const { fingerprint, errorClass, message } = diagnosis;
    const type = bounded(typeOf(letter) ?? 'unknown', MOST_TYPE);
    const known = this.#groups.get(JSON.stringify([queue, type, fingerprint, outcome]));
    if (known) return known;
    const isFull = this.#groups.size >= MAX_GROUPS;
    const alike = isFull ? OTHERS : { type, fingerprint, error: `${errorClass}: ${message}` };
    const key = JSON.stringify([queue, alike.type, alike.fingerprint, outcome]);
    const group = this.#groups.get(key) ?? { queue, ...alike, outcome, why, count: 0, examples: [] };
    this.#groups.set(key, group);
    return group;
  }

  /** The largest groups first. */
  build(): Plan {
    const groups = [...this.#groups.values()].sort((a, b) => b.count - a.count);
    return { groups, totals: { ...this.#totals } };
  }
}
