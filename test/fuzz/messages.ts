import fc from 'fast-check';
import { SHAPES } from '../hostile/bodies.ts';

/** A message as a producer sends it, and how often SQS has handed it out. */
export interface Hostile {
  readonly body: string;
  readonly messageAttributes: Readonly<Record<string, { readonly stringValue: string; readonly dataType: string }>>;
  readonly receiveCount: number;
}

/** What SQS takes [SendMessage]; everything else never gets as far as a worker. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const NOT_SENDABLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
const sendable = (text: string, or: string): string => text.toWellFormed().replaceAll(NOT_SENDABLE, ' ') || or;

const DEEP = (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)}`;
const SCALARS = [
  'null',
  'true',
  '-0',
  '0',
  '1e308',
  '-1e999',
  '1e-400',
  '1e200',
  '9'.repeat(400),
  '0.1',
  '""',
  '"1"',
  '"\\u0000"',
];
const TEXTS = [
  '\\ud800',
  '\\udc00x',
  '\\u202e',
  '\\u009b31m',
  '\\u2028',
  '\\r\\n',
  '\\\\',
  '\\"',
  '$(touch x)',
  '../../',
  '"a-a-a-a-a-',
];
const NAMES = [
  'type',
  'job_id',
  'value',
  'url',
  'payload',
  '__proto__',
  '\\u005f_proto__',
  'constructor',
  'prototype',
  'toString',
].concat(['then', 'length', '0', '', '\\ud800', 'JobID', 'ttl', 'toJSON', 'hasOwnProperty']);
const TYPES = [
  '"triple"',
  '"webhook"',
  '"constructor"',
  '"__proto__"',
  '"hasOwnProperty"',
  '"TRIPLE"',
  '"triple "',
  '"\\ud800"',
];

/** JSON text of any value, also of such as JSON.stringify would not write. */
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...SCALARS, ...TYPES),
    fc.constantFrom(...TEXTS).map((text) => `"${text}"`),
    fc.integer().map(String),
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
    fc
      .tuple(fc.constantFrom('x', 'é', '\\u00e9', '\\ud800', '-1'), fc.integer({ min: 1, max: 3_000 }))
      .map(([piece, n]) => `"${piece.repeat(n)}"`),
    fc
      .oneof({ weight: 10, arbitrary: fc.integer({ min: 1, max: 300 }) }, { weight: 1, arbitrary: fc.constant(20_000) })
      .map(DEEP),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fields(tie('value')),
  ),
}));

function fields(values: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const name = fc.oneof(
    fc.constantFrom(...NAMES),
    fc.string({ unit: 'binary', maxLength: 5 }).map((text) => JSON.stringify(text).slice(1, -1)),
  );
  return fc
    .array(fc.tuple(name, values), { maxLength: 5 })
    .map((pairs) => `{${pairs.map(([key, text]) => `"${key}":${text}`).join(',')}}`);
}

const rarely = (text: fc.Arbitrary<string>, or: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 1, arbitrary: text }, { weight: 3, arbitrary: or });

/** Nearly a job: what gets far. */
const nearlyJob = fc
  .record({
    id: rarely(
      value,
      fc.nat(10_000).map((i) => `"h-${i}"`),
    ),
    type: rarely(fc.oneof(fc.constantFrom(...TYPES), value), fc.constant('')),
    content: rarely(value, fc.integer().map(String)),
    rest: rarely(fields(value), fc.constant('{}')),
    isWebhook: fc.boolean(),
  })
  .map(({ id, type, content, rest, isWebhook }) => {
    const work = isWebhook ? `"url":"https://host.invalid/x","payload":${content}` : `"value":${content}`;
    const named = type || (isWebhook ? '"webhook"' : '');
    return `{${named && `"type":${named},`}"job_id":${id},${work}${rest === '{}' ? '' : `,${rest.slice(1, -1)}`}}`;
  });

const damaged = fc
  .tuple(
    nearlyJob,
    fc.nat(),
    fc.oneof(fc.constantFrom('', '{', '}', '"', '\\', ',', '\t', '\u00a0', '\ufeff', '\ud800'), fc.string()),
  )
  .map(([text, at, put]) => text.slice(0, at % text.length) + put + text.slice((at % text.length) + 1));

/** Mostly small, since a batch is 6 MB at most; now and then as large as SQS takes. */
const shaped = fc
  .tuple(
    fc.constantFrom(...Object.values(SHAPES)),
    fc.oneof(
      { weight: 50, arbitrary: fc.integer({ min: 10, max: 5_000 }) },
      { weight: 1, arbitrary: fc.constantFrom(1_000_000, 1_048_400) },
    ),
  )
  .map(([shape, bytes]) => shape(bytes));

const body = fc
  .oneof(
    { weight: 6, arbitrary: nearlyJob },
    { weight: 3, arbitrary: damaged },
    { weight: 2, arbitrary: value },
    { weight: 2, arbitrary: shaped },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: fc.json() },
  )
  .map((text) => sendable(text, ' '))
  .filter((text) => Buffer.byteLength(text) <= 1_048_576);

const ours = fc.oneof(
  fc.constantFrom('{}', 'null', '[]', '{"errorClass":"$(touch x)"}', '{"errorClass":', '0', '-1', 'soon', '\u202e'),
  fields(value),
);

const count = fc.constantFrom('0', '1', '2', '999', '1e9', '-1', '"1"', '1.5');
const overflow = fc.constantFrom(
  '{}',
  '[]',
  '{"a":{"dataType":"String","stringValue":"b"}}',
  '{"AWS.x":{"dataType":"String","stringValue":"b"}}',
  '{"a b":{"dataType":"String","stringValue":"b"}}',
  '{"a":{"dataType":"Odd","stringValue":"b"}}',
  '{"a":{"dataType":"String","stringValue":""}}',
  '{"a":{"dataType":"Number","stringValue":"x"}}',
  '{"a":{"dataType":"Binary","binaryValue":"?"}}',
  '{"__proto__":{"dataType":"String","stringValue":"b"}}',
);
const requeued = fc
  .record({ since: count, runs: count, suspect: count, overflow })
  .map((parts) => `{${Object.entries(parts).map(([name, text]) => `"${name}":${text}`)}}`);

/** Ten at most, as SQS has it, of its names and types; two of them may look like ours. */
const messageAttributes = fc
  .record({
    names: fc.uniqueArray(
      fc.oneof(
        fc.constantFrom('__proto__', 'constructor', 'a.b', 'tenant', 'toString'),
        fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/),
      ),
      { maxLength: 8 },
    ),
    values: fc.array(fc.oneof(fc.string({ unit: 'binary' }), value), { minLength: 8, maxLength: 8 }),
    dataType: fc.constantFrom('String', 'String.json'),
    reason: fc.option(ours, { nil: undefined }),
    since: fc.option(fc.oneof(ours, requeued), { nil: undefined }),
  })
  .map(({ names, values, dataType, reason, since }) => {
    const pairs = names.map(
      (name, i) => [name, { stringValue: sendable(values[i] as string, '-'), dataType }] as const,
    );
    const forged = { DeadLetterReason: reason, SluiceRequeued: since };
    for (const [name, text] of Object.entries(forged)) {
      if (text !== undefined) pairs.push([name, { stringValue: sendable(text, '-'), dataType: 'String' }]);
    }
    return Object.fromEntries(pairs);
  });

/** Whatever a producer can send. */
export const hostile: fc.Arbitrary<Hostile> = fc.record({
  body,
  messageAttributes: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: messageAttributes }),
  // What comes back unexplained is run alone, in a process of its own, which takes its time.
  receiveCount: fc.oneof(
    { weight: 100, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: 6 }) },
  ),
});
