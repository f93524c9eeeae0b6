import type { DeadLetter } from '../../operator/dead-letters/reading/letter.ts';

/** Where a message must end: in the table, or among the dead letters with this class of error. */
export interface Expected {
  readonly id: string;
  readonly dead?: string;
}

export interface Places {
  readonly stored: number;
  readonly dead: number;
  /** Dead letters of one message beyond the first: its process was killed between copy and acknowledgement. */
  readonly deadAgain: number;
  readonly discrepancies: readonly string[];
}

/**
 * Compares where messages are with where they must be. Pure.
 *
 * @param where the consumer, for sentences
 * @param storedIds ids that the consumer has done
 * @param idOf the id in a dead letter's body
 */
export function comparePlaces(
  where: string,
  expected: readonly Expected[],
  storedIds: ReadonlySet<string>,
  letters: readonly DeadLetter[],
  idOf: (letter: DeadLetter) => string | undefined,
): Places {
  const discrepancies: string[] = [];
  const classes = new Map<string, (string | undefined)[]>();
  for (const letter of letters) {
    const id = idOf(letter) ?? '';
    classes.set(id, [...(classes.get(id) ?? []), letter.reason?.errorClass]);
  }
  const ids = new Set(expected.map(({ id }) => id));
  for (const id of [...classes.keys(), ...storedIds]) {
    if (!ids.has(id)) discrepancies.push(`${where}: "${id}" was never sent.`);
  }
  let [stored, dead] = [0, 0];
  for (const { id, dead: errorClass } of expected) {
    const isStored = storedIds.has(id);
    const reasons = classes.get(id) ?? [];
    if (isStored) stored += 1;
    if (reasons.length > 0) dead += 1;
    const ends = `${isStored ? 'is stored' : 'is not stored'}, and its dead letters are ${JSON.stringify(reasons)}`;
    const isRight = errorClass === undefined ? isStored && reasons.length === 0 : !isStored && reasons.length > 0;
    if (!isRight || reasons.some((each) => each !== errorClass)) {
      discrepancies.push(`${where}: ${id} ${ends}; expected: ${errorClass ? `dead, ${errorClass}` : 'stored'}.`);
    }
  }
  return { stored, dead, deadAgain: letters.length - classes.size, discrepancies };
}

/** @returns a reader of an id in a dead letter's body; undefined where there is none */
export function idIn(field: string): (letter: DeadLetter) => string | undefined {
  return ({ body }) => {
    try {
      return (JSON.parse(body) as Record<string, string>)[field];
    } catch {
      return undefined;
    }
  };
}

/** The rows of an account: each message is in one of two places. */
export function placeRows(sent: number, duplicates: number, { stored, dead, deadAgain }: Places): [number, string][] {
  const rows: [number, string][] = [
    [sent, 'sent'],
    [stored, 'stored'],
    [dead, 'dead, each with its reason'],
    [duplicates, 'duplicates, without effect'],
  ];
  if (deadAgain > 0) {
    rows.push([deadAgain, 'dead letters twice: a process was killed between copy and acknowledgement']);
  }
  return rows;
}
