/** A value: a `?` of the request, counted from 0, or a text. */
export type Value = { parameter: number } | { text: string };

export type Statement =
  | { kind: 'insert'; table: string; item: [string, Value][] }
  | {
      kind: 'update';
      table: string;
      set: [string, Value][];
      remove: string[];
      /** The conditions on the item: attributes that must have these values, and attributes that must be missing. */
      equal: [string, Value][];
      missing: string[];
    };

/** A parsed statement, and the number of `?` in it. */
export interface Parsed {
  statement: Statement;
  parameters: number;
}

/** The statement is not one that this cloud takes. The message says what was expected, and where. */
export class PartiqlError extends Error {
  override name = 'PartiqlError';
}

const TAKEN =
  'the embedded cloud takes INSERT INTO "table" VALUE {\'name\':?,...} and UPDATE "table" SET "name"=? REMOVE "name" WHERE ' +
  '"name"=? AND "name" IS MISSING, see localstack/README.md';

/**
 * Parsed statements are kept, because programs send the same few texts again and again: their values are parameters.
 */
const known = new Map<string, Parsed>();
const PARSED_STATEMENTS_KEPT = 500;

/**
 * Parses the statements that the service sends. DynamoDB's PartiQL has many more.
 * @returns a result that is shared with other callers and must not be changed
 * @throws {PartiqlError}
 */
export function parse(text: string): Parsed {
  const again = known.get(text);
  if (again) return again;
  const reader = new Reader(text);
  const parsed = { statement: statement(reader), parameters: reader.parameters };
  if (known.size >= PARSED_STATEMENTS_KEPT) known.clear();
  known.set(text, parsed);
  return parsed;
}

function statement(reader: Reader): Statement {
  const read = reader.skip('INSERT') ? insert(reader) : reader.skip('UPDATE') ? update(reader) : undefined;
  return read && reader.isAtEnd() ? read : reader.expected(read ? 'the end' : 'INSERT or UPDATE');
}

function insert(reader: Reader): Statement {
  reader.take('INTO');
  const table = reader.name();
  reader.take('VALUE');
  reader.take('{');
  const item: [string, Value][] = [];
  do {
    const name = reader.text();
    reader.take(':');
    item.push([name, reader.value()]);
  } while (reader.skip(','));
  reader.take('}');
  return { kind: 'insert', table, item };
}

function update(reader: Reader): Statement {
  const table = reader.name();
  const set: [string, Value][] = [];
  const remove: string[] = [];
  while (set.length + remove.length === 0 || !reader.skip('WHERE')) {
    if (reader.skip('SET')) set.push(equality(reader.name(), reader));
    else if (reader.skip('REMOVE')) remove.push(reader.name());
    else reader.expected('SET, REMOVE or WHERE');
  }
  const equal: [string, Value][] = [];
  const missing: string[] = [];
  do {
    const name = reader.name();
    if (!reader.skip('IS')) equal.push(equality(name, reader));
    else {
      reader.take('MISSING');
      missing.push(name);
    }
  } while (reader.skip('AND'));
  return { kind: 'update', table, set, remove, equal, missing };
}

function equality(name: string, reader: Reader): [string, Value] {
  reader.take('=');
  return [name, reader.value()];
}

/** Reads a statement from left to right. Words may be in any case, with any white space around them. */
class Reader {
  parameters = 0;
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Skips a keyword or a sign, if it comes next. Returns whether it did. */
  skip(word: string): boolean {
    const sign = /^\W$/.test(word) ? `\\${word}` : `${word}\\b`;
    return this.#next(new RegExp(`\\s*${sign}`, 'iy')) !== undefined;
  }

  take(word: string): void {
    if (!this.skip(word)) this.expected(word);
  }

  /** A table or an attribute in double quotes, such as `"JobID"`. */
  name(): string {
    const name = this.#next(/\s*"((?:[^"]|"")+)"/y)?.replaceAll('""', '"');
    return name ?? this.expected('a name in double quotes');
  }

  text(): string {
    const text = this.#next(/\s*'((?:[^']|'')*)'/y)?.replaceAll("''", "'");
    return text ?? this.expected('a text in single quotes');
  }

  value(): Value {
    if (!this.skip('?')) return { text: this.text() };
    this.parameters += 1;
    return { parameter: this.parameters - 1 };
  }

  isAtEnd(): boolean {
    return this.#source.slice(this.#at).trim() === '';
  }

  expected(what: string): never {
    throw new PartiqlError(`expected ${what} at character ${this.#at + 1}; ${TAKEN}`);
  }

  #next(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (!found) return undefined;
    this.#at = pattern.lastIndex;
    return found[1] ?? '';
  }
}
