/** A value in DynamoDB's JSON, and an item of such values. */
export type Value = Record<string, unknown>;
export type Item = Record<string, Value>;

/** One write in PartiQL, with the parts of the language that the service's ledger uses. */
export type Statement =
  | { readonly kind: 'insert'; readonly names: readonly string[] }
  | {
      readonly kind: 'update';
      readonly sets: readonly Slot[];
      readonly removes: readonly string[];
      readonly where: readonly Slot[];
    };

/** An attribute, and the source of its value: the next parameter, or a literal in the text. */
export interface Slot {
  readonly name: string;
  readonly literal: string | undefined;
}

const known = new Map<string, Statement>();

/**
 * Parses a statement once and keeps the result. @throws Error with the text of a statement that this stub does not know
 */
export function readStatement(text: string): Statement {
  const before = known.get(text);
  if (before) return before;
  const statement = insertOf(text) ?? updateOf(text);
  if (!statement) throw new Error(`bench/stub/statements.ts does not understand: ${text}`);
  known.set(text, statement);
  return statement;
}

function insertOf(text: string): Statement | undefined {
  const tuple = /^INSERT INTO "[^"]+" VALUE \{(.*)\}$/.exec(text)?.[1];
  if (tuple === undefined) return undefined;
  return { kind: 'insert', names: [...tuple.matchAll(/'([^']+)'\s*:\s*\?/g)].map((match) => match[1] as string) };
}

function updateOf(text: string): Statement | undefined {
  const parts = /^UPDATE "[^"]+" (.*) WHERE (.*)$/.exec(text);
  if (!parts) return undefined;
  const [, changes = '', conditions = ''] = parts;
  const removes = [...changes.matchAll(/REMOVE "([^"]+)"/g)].map((match) => match[1] as string);
  return { kind: 'update', sets: slots(changes.replaceAll(/REMOVE "[^"]+"/g, '')), removes, where: slots(conditions) };
}

function slots(text: string): Slot[] {
  return [...text.matchAll(/"([^"]+)"\s*=\s*(?:\?|'([^']*)')/g)].map(([, name, literal]) => ({
    name: name as string,
    literal,
  }));
}
