import fc from 'fast-check';
import { PartiqlError, parse, type Statement } from '../../../localstack/dynamodb/partiql.ts';

test('INSERT reads attributes and their values, parameters counted in the order of the text', () => {
  expect(parse(`INSERT INTO "t" VALUE {'JobID': ?, 'Status':'done', 'it''s':?}`)).toEqual({
    parameters: 2,
    statement: {
      kind: 'insert',
      table: 't',
      item: [
        ['JobID', { parameter: 0 }],
        ['Status', { text: 'done' }],
        ["it's", { parameter: 1 }],
      ],
    },
  });
});

test('UPDATE reads what it sets and removes, and what the item has to be', () => {
  expect(
    parse(`update "t" SET "a"=? SET "b" = 'x' REMOVE "c" REMOVE "d""e" WHERE "JobID"=? AND "n" IS MISSING AND "o"=?`),
  ).toEqual({
    parameters: 3,
    statement: {
      kind: 'update',
      table: 't',
      set: [
        ['a', { parameter: 0 }],
        ['b', { text: 'x' }],
      ],
      remove: ['c', 'd"e'],
      equal: [
        ['JobID', { parameter: 1 }],
        ['o', { parameter: 2 }],
      ],
      missing: ['n'],
    },
  });
});

test.each([
  ['', 'expected INSERT or UPDATE at character 1'],
  ['SELECT * FROM "t"', 'expected INSERT or UPDATE at character 1'],
  [`INSERT INTO "t" VALUE {"JobID":?}`, 'expected a text in single quotes at character 24'],
  [`INSERT INTO "t" VALUE {'n':1}`, 'expected a text in single quotes at character 28'],
  ['UPDATE t SET "a"=?', 'expected a name in double quotes at character 7'],
  ['UPDATE "t" WHERE "a"=?', 'expected SET, REMOVE or WHERE at character 11'],
  ['UPDATE "t" SET "a"=? WHERE "a"=? OR "b"=?', 'expected the end at character 33'],
  ['UPDATE "t" SET "a"=? WHERE "a" IS NOT MISSING', 'expected MISSING at character 34'],
  ['UPDATE "t" SET "a"=? WHERE "a">?', 'expected = at character 31'],
])('%s is refused with the place, and with what is taken', (text, reason) => {
  expect(() => parse(text)).toThrow(PartiqlError);
  expect(() => parse(text)).toThrow(`${reason}; the embedded cloud takes INSERT INTO`);
});

test('whatever is written is read back as it was', () => {
  fc.assert(
    fc.property(statement, (original) => {
      expect(parse(print(original)).statement).toEqual(original);
    }),
  );
});

test('no text brings the parser down: it parses or says why not', () => {
  const words = fc.constantFrom(...'INSERT INTO "t" VALUE { } \' " ? : , = UPDATE SET WHERE AND IS MISSING'.split(' '));
  const soup = fc.array(words, { maxLength: 40 }).map((parts) => parts.join(' '));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), soup), (text) => {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(PartiqlError);
      }
    }),
    { numRuns: 1000 },
  );
});

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const pair = fc.tuple(
  name,
  fc.string({ maxLength: 8 }).map((text) => ({ text })),
);
const statement: fc.Arbitrary<Statement> = fc.oneof(
  fc.record({
    kind: fc.constant('insert' as const),
    table: name,
    item: fc.array(pair, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant('update' as const),
    table: name,
    set: fc.array(pair, { minLength: 1, maxLength: 3 }),
    remove: fc.array(name, { maxLength: 2 }),
    equal: fc.array(pair, { minLength: 1, maxLength: 3 }),
    missing: fc.array(name, { maxLength: 2 }),
  }),
);

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const single = (value: object | string) =>
  `'${(typeof value === 'string' ? value : (value as { text: string }).text).replaceAll("'", "''")}'`;

function print(node: Statement): string {
  if (node.kind === 'insert') {
    const fields = node.item.map(([key, value]) => `${single(key)}: ${single(value)}`);
    return `INSERT INTO ${quoted(node.table)} VALUE {${fields.join(', ')}}`;
  }
  const equal = ([key, value]: [string, object]) => `${quoted(key)} = ${single(value)}`;
  const changes = [
    ...node.set.map((each) => `SET ${equal(each)}`),
    ...node.remove.map((each) => `REMOVE ${quoted(each)}`),
  ];
  const where = [...node.equal.map(equal), ...node.missing.map((each) => `${quoted(each)} IS MISSING`)];
  return `UPDATE ${quoted(node.table)} ${changes.join(' ')} WHERE ${where.join(' AND ')}`;
}
