import fc from 'fast-check';
import {
  type Condition,
  type Expression,
  type Path,
  parse,
  type Statement,
} from '../../../localstack/dynamodb/partiql.ts';
import { PartiqlError } from '../../../localstack/dynamodb/tokens.ts';

const insert = "INSERT INTO \"t\" VALUE {'JobID': ?, 'a': 1, 'b': [true, null, 'x'], 'c': {'d': <<'p', 'q'>>}}";

describe('PartiQL statements', () => {
  test('INSERT reads documents of literals and parameters', () => {
    expect(parse(insert)).toEqual({
      parameters: 1,
      statement: {
        kind: 'insert',
        table: 't',
        item: [
          ['JobID', { kind: 'parameter', index: 0 }],
          ['a', literal({ N: '1' })],
          ['b', { kind: 'list', items: [literal({ BOOL: true }), literal({ NULL: true }), literal({ S: 'x' })] }],
          ['c', { kind: 'tuple', fields: [['d', { kind: 'set', items: [literal({ S: 'p' }), literal({ S: 'q' })] }]] }],
        ],
      },
    });
  });

  test('UPDATE takes SET lists, repeated SETs and REMOVEs in any order', () => {
    const { statement } = parse(
      'UPDATE "t" SET a=?, b = a + 1 REMOVE c SET d.e[0] = ? REMOVE f, "g h" WHERE JobID=? AND n >= -2',
    );
    expect(statement).toMatchObject({
      kind: 'update',
      set: [{ path: ['a'] }, { path: ['b'] }, { path: ['d', 'e', 0] }],
      remove: [['c'], ['f'], ['g h']],
      where: { kind: 'and', terms: [{ operator: '=' }, { operator: '>=', right: literal({ N: '-2' }) }] },
    });
  });

  test('AND binds tighter than OR, NOT tighter than both', () => {
    const { statement } = parse(
      'DELETE FROM t WHERE a = 1 OR NOT b = 2 AND c IS MISSING OR d IS NOT MISSING AND e IN [1, 2]',
    );
    expect(statement).toMatchObject({
      where: {
        kind: 'or',
        terms: [
          { kind: 'compare' },
          { kind: 'and', terms: [{ kind: 'not' }, { kind: 'is', negated: false }] },
          { kind: 'and', terms: [{ kind: 'is', negated: true }, { kind: 'in' }] },
        ],
      },
    });
  });

  test('keywords may be written in any case and doubled quotes mean one', () => {
    const { statement } = parse(`select "a""b" from "t" where "k" = 'it''s'`);
    expect(statement).toEqual({
      kind: 'select',
      table: 't',
      columns: [['a"b']],
      where: { kind: 'compare', operator: '=', left: { kind: 'path', path: ['k'] }, right: literal({ S: "it's" }) },
    });
  });

  test.each([
    ['', 'expected INSERT, UPDATE, DELETE or SELECT but found the end of the statement at character 1'],
    ['INSERT INTO t VALUE {JobID: ?}', 'in single quotes, as in {\'JobID\': ?} but found "JobID" at character 22'],
    ['UPDATE t SET a = ', 'expected an attribute but found the end of the statement'],
    ['UPDATE t WHERE a = 1', 'UPDATE needs at least one SET or REMOVE'],
    ['DELETE FROM t', 'expected WHERE but found the end'],
    ["DELETE FROM t WHERE a = 'x", `unexpected "'" at character 25`],
    ['DELETE FROM t WHERE a = 1; DROP TABLE t', 'unexpected ";" at character 26'],
    ['DELETE FROM t WHERE attribute_exists(a)', 'use IS MISSING and IS NOT MISSING'],
    [`SELECT * FROM t WHERE a = ${'['.repeat(70)}`, 'nested too deeply'],
    [`SELECT * FROM t WHERE ${'NOT '.repeat(500)} a = 1`, 'nested too deeply'],
  ])('%s is refused with the place and the reason', (text, reason) => {
    expect(() => parse(text)).toThrow(PartiqlError);
    expect(() => parse(text)).toThrow(reason);
  });

  test('whatever is written is read back as it was', () => {
    fc.assert(
      fc.property(statement, (original) => {
        expect(parse(print(original)).statement).toEqual(numbered(original));
      }),
      { numRuns: 500 },
    );
  });

  test('no text brings the parser down: it parses or says why not', () => {
    const words = fc.constantFrom(
      ...'INSERT INTO t VALUE { } \' " ? : , = UPDATE SET WHERE a AND OR ( ) IS NOT MISSING [ ] 1 -'.split(' '),
    );
    const soup = fc.array(words, { maxLength: 40 }).map((parts) => parts.join(' '));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), soup), (text) => {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(PartiqlError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function literal(value: Record<string, unknown>): Expression {
  return { kind: 'literal', value };
}

// Generators: every statement that the syntax tree can express, with parameters numbered in the order of the text.
const name = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text.trim() !== '');
const path: fc.Arbitrary<Path> = fc
  .tuple(name, fc.array(fc.oneof(name, fc.nat(99)), { maxLength: 2 }))
  .map(([first, rest]) => [first, ...rest]);
const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.string({ maxLength: 8 }).map((text) => literal({ S: text })),
  fc.integer().map((number) => literal({ N: String(number) })),
  fc.boolean().map((flag) => literal({ BOOL: flag })),
  fc.constant(literal({ NULL: true })),
  fc.constant<Expression>({ kind: 'parameter', index: 0 }),
);
const value: fc.Arbitrary<Expression> = fc.letrec<{ value: Expression }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }).map((items): Expression => ({ kind: 'list', items })),
    fc.array(leaf, { maxLength: 3 }).map((items): Expression => ({ kind: 'set', items })),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((fields): Expression => ({ kind: 'tuple', fields })),
  ),
})).value;
const attribute = path.map((steps): Expression => ({ kind: 'path', path: steps }));
const term: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constant('compare'),
    operator: fc.constantFrom('=', '<>', '<', '<=', '>', '>='),
    left: attribute,
    right: value,
  }),
  fc.record({ kind: fc.constant('is'), path, what: fc.constantFrom('MISSING', 'NULL'), negated: fc.boolean() }),
  fc.record({ kind: fc.constant('in'), value: attribute, items: fc.array(leaf, { minLength: 1, maxLength: 3 }) }),
  fc.record({ kind: fc.constant('between'), value: attribute, low: leaf, high: leaf }),
) as fc.Arbitrary<Condition>;
const condition: fc.Arbitrary<Condition> = fc.oneof(
  term,
  term.map((inner): Condition => ({ kind: 'not', term: inner })),
  fc.array(term, { minLength: 2, maxLength: 4 }).map((terms): Condition => ({ kind: 'and', terms })),
  fc
    .array(fc.array(term, { minLength: 2, maxLength: 3 }), { minLength: 2, maxLength: 3 })
    .map((groups): Condition => ({ kind: 'or', terms: groups.map((terms) => ({ kind: 'and', terms })) })),
);
const statement: fc.Arbitrary<Statement> = fc.oneof(
  fc.record({ kind: fc.constant('insert'), table: name, item: fc.array(fc.tuple(name, value), { maxLength: 4 }) }),
  fc.record({
    kind: fc.constant('update'),
    table: name,
    set: fc.array(fc.record({ path, value }), { minLength: 1, maxLength: 3 }),
    remove: fc.array(path, { maxLength: 2 }),
    where: condition,
  }),
  fc.record({ kind: fc.constant('delete'), table: name, where: condition, returning: fc.constant('ALL_OLD') }),
  fc.record({ kind: fc.constant('select'), table: name, where: condition }),
) as fc.Arbitrary<Statement>;

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const single = (text: string) => `'${text.replaceAll("'", "''")}'`;
const printPath = (steps: Path) =>
  steps.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index ? '.' : ''}${quoted(step)}`)).join('');

function printValue(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      if (expression.value.S !== undefined) return single(String(expression.value.S));
      return String(expression.value.N ?? expression.value.BOOL ?? 'null');
    case 'parameter':
      return '?';
    case 'path':
      return printPath(expression.path);
    case 'list':
      return `[${expression.items.map(printValue).join(', ')}]`;
    case 'set':
      return `<<${expression.items.map(printValue).join(', ')}>>`;
    case 'tuple':
      return `{${expression.fields.map(([key, field]) => `${single(key)}: ${printValue(field)}`).join(', ')}}`;
    default:
      throw new Error(`not generated: ${expression.kind}`);
  }
}

function printCondition(node: Condition): string {
  switch (node.kind) {
    case 'compare':
      return `${printValue(node.left)} ${node.operator} ${printValue(node.right)}`;
    case 'is':
      return `${printPath(node.path)} IS ${node.negated ? 'NOT ' : ''}${node.what}`;
    case 'in':
      return `${printValue(node.value)} IN [${node.items.map(printValue).join(', ')}]`;
    case 'between':
      return `${printValue(node.value)} BETWEEN ${printValue(node.low)} AND ${printValue(node.high)}`;
    case 'not':
      return `NOT (${printCondition(node.term)})`;
    case 'and':
    case 'or':
      return node.terms.map((each) => `(${printCondition(each)})`).join(` ${node.kind} `);
    default:
      throw new Error(`not generated: ${node.kind}`);
  }
}

function print(node: Statement): string {
  switch (node.kind) {
    case 'insert':
      return `INSERT INTO ${quoted(node.table)} VALUE ${printValue({ kind: 'tuple', fields: node.item })}`;
    case 'update': {
      const set = node.set.map((each) => `SET ${printPath(each.path)} = ${printValue(each.value)}`).join(' ');
      const remove = node.remove.map((each) => `REMOVE ${printPath(each)}`).join(' ');
      return `UPDATE ${quoted(node.table)} ${set} ${remove} WHERE ${printCondition(node.where)}`;
    }
    case 'delete':
      return `DELETE FROM ${quoted(node.table)} WHERE ${printCondition(node.where)} RETURNING ALL OLD *`;
    case 'select':
      return `SELECT * FROM ${quoted(node.table)} WHERE ${node.where ? printCondition(node.where) : ''}`;
  }
}

/** Numbers the parameters in the order of the fields, which is that of the text. */
function numbered<T>(node: T): T {
  let next = 0;
  return JSON.parse(JSON.stringify(node), (_, each) => each) && walk(node);
  function walk<U>(each: U): U {
    if (Array.isArray(each)) return each.map(walk) as U;
    if (typeof each !== 'object' || each === null) return each;
    if ((each as { kind?: string }).kind === 'parameter') return { kind: 'parameter', index: next++ } as U;
    return Object.fromEntries(Object.entries(each).map(([key, item]) => [key, walk(item)])) as U;
  }
}
