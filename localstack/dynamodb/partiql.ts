import type { AttributeValue } from './item.ts';
import { PartiqlError, type Token, tokenize } from './tokens.ts';

/** A document path: `a.b[0]` is `['a', 'b', 0]`. */
export type Path = (string | number)[];

export type Expression =
  | { kind: 'literal'; value: AttributeValue }
  | { kind: 'parameter'; index: number }
  | { kind: 'tuple'; fields: [string, Expression][] }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'set'; items: Expression[] }
  | { kind: 'path'; path: Path }
  | { kind: 'call'; name: string; parts: Expression[] }
  | { kind: 'sum'; operator: '+' | '-'; left: Expression; right: Expression };

export type Condition =
  | { kind: 'compare'; operator: '=' | '<>' | '<' | '<=' | '>' | '>='; left: Expression; right: Expression }
  | { kind: 'and' | 'or'; terms: Condition[] }
  | { kind: 'not'; term: Condition }
  | { kind: 'is'; path: Path; what: 'MISSING' | 'NULL'; negated: boolean }
  | { kind: 'between'; value: Expression; low: Expression; high: Expression }
  | { kind: 'in'; value: Expression; items: Expression[] }
  | { kind: 'call'; name: string; parts: Expression[] };

/** What a write gives back: DynamoDB's ReturnValues. */
export type Returning = 'ALL_OLD' | 'ALL_NEW' | 'UPDATED_OLD' | 'UPDATED_NEW';

export type Statement =
  | { kind: 'insert'; table: string; item: [string, Expression][] }
  | {
      kind: 'update';
      table: string;
      set: { path: Path; value: Expression }[];
      remove: Path[];
      where: Condition;
      returning?: Returning;
    }
  | { kind: 'delete'; table: string; where: Condition; returning?: Returning }
  | { kind: 'select'; table: string; index?: string; columns?: Path[]; where?: Condition };

/** A parsed statement and how many `?` it has. */
export interface Parsed {
  statement: Statement;
  parameters: number;
}

/** DynamoDB's own limit for nested documents. It also bounds the recursion here. */
const MAXIMUM_DEPTH = 32;
const CONDITION_FUNCTIONS = new Set(['attribute_type', 'begins_with', 'contains']);
const VALUE_FUNCTIONS = new Set(['size', 'list_append', 'set_add', 'set_delete']);
/** Words that end an expression, so that they are never taken for attribute names. */
const RESERVED = new Set(['WHERE', 'SET', 'REMOVE', 'RETURNING', 'AND', 'OR', 'NOT', 'IS', 'IN', 'BETWEEN', 'FROM']);

/** Programs send the same few texts again and again: their values are parameters. */
const known = new Map<string, Parsed>();
const PARSED_STATEMENTS_KEPT = 500;

/**
 * Parses one statement of the part of PartiQL that DynamoDB takes: INSERT, UPDATE, DELETE, SELECT.
 * @returns what others may have got too: not to be changed
 * @throws {PartiqlError} with the place and what was expected there
 */
export function parse(text: string): Parsed {
  const again = known.get(text);
  if (again) return again;
  const parser = new Parser(tokenize(text));
  const statement = parser.statement();
  const parsed = { statement, parameters: parser.parameters };
  if (known.size >= PARSED_STATEMENTS_KEPT) known.clear();
  known.set(text, parsed);
  return parsed;
}

class Parser {
  parameters = 0;
  #position = 0;
  #depth = 0;
  readonly #tokens: Token[];

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  statement(): Statement {
    const statement = this.#verb();
    if (this.#token().kind !== 'end') this.#expected('the end of the statement');
    return statement;
  }

  #verb(): Statement {
    if (this.#skipWord('INSERT')) return this.#insert();
    if (this.#skipWord('UPDATE')) return this.#update();
    if (this.#skipWord('DELETE')) return this.#delete();
    if (this.#skipWord('SELECT')) return this.#select();
    return this.#expected('INSERT, UPDATE, DELETE or SELECT');
  }

  #insert(): Statement {
    this.#word('INTO');
    const table = this.#name('a table name');
    this.#word('VALUE');
    return { kind: 'insert', table, item: this.#fields() };
  }

  #update(): Statement {
    const table = this.#name('a table name');
    const set: { path: Path; value: Expression }[] = [];
    const remove: Path[] = [];
    while (!this.#skipWord('WHERE')) {
      if (this.#skipWord('SET')) set.push(...this.#list(() => this.#assignment()));
      else if (this.#skipWord('REMOVE')) remove.push(...this.#list(() => this.#path()));
      else this.#expected(set.length + remove.length ? 'SET, REMOVE or WHERE' : 'SET or REMOVE');
    }
    if (set.length + remove.length === 0) throw new PartiqlError('UPDATE needs at least one SET or REMOVE');
    const where = this.#condition();
    return { kind: 'update', table, set, remove, where, ...this.#returning() };
  }

  #assignment() {
    const path = this.#path();
    this.#symbol('=');
    return { path, value: this.#expression() };
  }

  #delete(): Statement {
    this.#word('FROM');
    const table = this.#name('a table name');
    this.#word('WHERE');
    return { kind: 'delete', table, where: this.#condition(), ...this.#returning() };
  }

  #select(): Statement {
    const columns = this.#skipSymbol('*') ? undefined : this.#list(() => this.#path());
    this.#word('FROM');
    const table = this.#name('a table name');
    const index = this.#skipSymbol('.') ? this.#name('an index name') : undefined;
    const where = this.#skipWord('WHERE') ? this.#condition() : undefined;
    return { kind: 'select', table, ...(index && { index }), ...(columns && { columns }), ...(where && { where }) };
  }

  #returning(): { returning?: Returning } {
    if (!this.#skipWord('RETURNING')) return {};
    const scope = this.#skipWord('ALL') ? 'ALL' : this.#skipWord('MODIFIED') ? 'UPDATED' : undefined;
    const age = this.#skipWord('OLD') ? 'OLD' : this.#skipWord('NEW') ? 'NEW' : undefined;
    if (!scope || !age) this.#expected('ALL OLD *, ALL NEW *, MODIFIED OLD * or MODIFIED NEW *');
    this.#symbol('*');
    return { returning: `${scope}_${age}` as Returning };
  }

  #condition(): Condition {
    return this.#nested(() => this.#chain('or', 'OR', () => this.#chain('and', 'AND', () => this.#term())));
  }

  #chain(kind: 'and' | 'or', word: string, next: () => Condition): Condition {
    const first = next();
    const terms = [first];
    while (this.#skipWord(word)) terms.push(next());
    return terms.length === 1 ? first : { kind, terms };
  }

  #term(): Condition {
    if (this.#skipWord('NOT')) return { kind: 'not', term: this.#nested(() => this.#term()) };
    if (this.#skipSymbol('(')) {
      const condition = this.#condition();
      this.#symbol(')');
      return condition;
    }
    const left = this.#expression();
    if (left.kind === 'call' && CONDITION_FUNCTIONS.has(left.name)) return left;
    if (this.#skipWord('IS')) return this.#is(left);
    if (this.#skipWord('BETWEEN')) {
      const low = this.#expression();
      this.#word('AND');
      return { kind: 'between', value: left, low, high: this.#expression() };
    }
    if (this.#skipWord('IN')) return { kind: 'in', value: left, items: this.#members() };
    const operator = this.#operator();
    return { kind: 'compare', operator, left, right: this.#expression() };
  }

  #is(left: Expression): Condition {
    if (left.kind !== 'path') this.#expected('an attribute before IS');
    const negated = this.#skipWord('NOT');
    const what = this.#skipWord('MISSING')
      ? 'MISSING'
      : this.#skipWord('NULL')
        ? 'NULL'
        : this.#expected('MISSING or NULL');
    return { kind: 'is', path: left.path, what, negated };
  }

  #members(): Expression[] {
    const close = this.#skipSymbol('[') ? ']' : this.#skipSymbol('(') ? ')' : this.#expected('[ or (');
    const items = this.#list(() => this.#expression());
    this.#symbol(close);
    return items;
  }

  #operator() {
    for (const operator of ['=', '<>', '<=', '>=', '<', '>'] as const) if (this.#skipSymbol(operator)) return operator;
    if (this.#skipSymbol('!=')) return '<>';
    return this.#expected('a comparison, IS, IN or BETWEEN');
  }

  #expression(): Expression {
    return this.#nested(() => {
      let left = this.#operand();
      for (;;) {
        const operator = this.#skipSymbol('+') ? '+' : this.#skipSymbol('-') ? '-' : undefined;
        if (!operator) return left;
        left = { kind: 'sum', operator, left, right: this.#operand() };
      }
    });
  }

  #operand(): Expression {
    const token = this.#token();
    if (token.kind === 'string') return this.#literal({ S: token.text });
    if (token.kind === 'number') return this.#literal({ N: token.text });
    if (token.kind === 'symbol') return this.#bracketed(token);
    if (token.kind === 'word') {
      const word = token.text.toUpperCase();
      if (word === 'TRUE' || word === 'FALSE') return this.#literal({ BOOL: word === 'TRUE' });
      if (word === 'NULL') return this.#literal({ NULL: true });
      const name = token.text.toLowerCase();
      if (this.#tokens[this.#position + 1]?.text === '(' && !RESERVED.has(word)) return this.#call(name);
    }
    return { kind: 'path', path: this.#path() };
  }

  #literal(value: AttributeValue): Expression {
    this.#position += 1;
    return { kind: 'literal', value };
  }

  #bracketed(token: Token): Expression {
    if (token.text === '{') return { kind: 'tuple', fields: this.#fields() };
    this.#position += 1;
    if (token.text === '?') return { kind: 'parameter', index: this.parameters++ };
    if (token.text === '[') return { kind: 'list', items: this.#until(']') };
    if (token.text === '<<') return { kind: 'set', items: this.#until('>>') };
    if (token.text === '-' && this.#token().kind === 'number') return this.#literal({ N: `-${this.#token().text}` });
    this.#position -= 1;
    return this.#expected('a value, an attribute or ?');
  }

  #call(name: string): Expression {
    if (!CONDITION_FUNCTIONS.has(name) && !VALUE_FUNCTIONS.has(name)) {
      throw new PartiqlError(
        `DynamoDB has no function ${name}; use IS MISSING and IS NOT MISSING to ask for existence`,
      );
    }
    this.#position += 2;
    return { kind: 'call', name, parts: this.#until(')') };
  }

  #fields(): [string, Expression][] {
    this.#symbol('{');
    if (this.#skipSymbol('}')) return [];
    const fields = this.#list((): [string, Expression] => {
      const token = this.#token();
      if (token.kind !== 'string') this.#expected("an attribute name in single quotes, as in {'JobID': ?}");
      this.#position += 1;
      this.#symbol(':');
      return [token.text, this.#expression()];
    });
    this.#symbol('}');
    return fields;
  }

  #until(close: string): Expression[] {
    if (this.#skipSymbol(close)) return [];
    const items = this.#list(() => this.#expression());
    this.#symbol(close);
    return items;
  }

  #list<T>(one: () => T): T[] {
    const items = [one()];
    while (this.#skipSymbol(',')) items.push(one());
    return items;
  }

  #path(): Path {
    const path: Path = [this.#name('an attribute')];
    for (;;) {
      if (this.#skipSymbol('.')) path.push(this.#name('an attribute'));
      else if (this.#skipSymbol('[')) {
        const token = this.#token();
        if (token.kind !== 'number' || !/^\d+$/.test(token.text)) this.#expected('a list index');
        this.#position += 1;
        path.push(Number(token.text));
        this.#symbol(']');
      } else return path;
    }
  }

  #name(what: string): string {
    const token = this.#token();
    const isName = token.kind === 'identifier' || (token.kind === 'word' && !RESERVED.has(token.text.toUpperCase()));
    if (!isName || token.text === '') this.#expected(what);
    this.#position += 1;
    return token.text;
  }

  #nested<T>(parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAXIMUM_DEPTH * 2) throw new PartiqlError('nested too deeply: DynamoDB takes 32 levels');
    const result = parse();
    this.#depth -= 1;
    return result;
  }

  #token(): Token {
    return this.#tokens[this.#position] as Token;
  }

  #skipWord(word: string): boolean {
    const token = this.#token();
    const found = token.kind === 'word' && token.text.toUpperCase() === word;
    if (found) this.#position += 1;
    return found;
  }

  #skipSymbol(symbol: string): boolean {
    const token = this.#token();
    const found = token.kind === 'symbol' && token.text === symbol;
    if (found) this.#position += 1;
    return found;
  }

  #word(word: string) {
    if (!this.#skipWord(word)) this.#expected(word);
  }

  #symbol(symbol: string) {
    if (!this.#skipSymbol(symbol)) this.#expected(symbol);
  }

  #expected(what: string): never {
    const token = this.#token();
    const found = token.kind === 'end' ? token.text : JSON.stringify(token.text);
    throw new PartiqlError(`expected ${what} but found ${found} at character ${token.at + 1}`);
  }
}
