import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { type ExportedLetter, fromLine, toLine } from '../../../../operator/dead-letters/files/letter-line.ts';
import { readExport } from '../../../../operator/dead-letters/files/read-export.ts';
import { createFile, ExportWriter } from '../../../../operator/dead-letters/files/write-export.ts';
import type { DeadLetter } from '../../../../operator/dead-letters/reading/letter.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-export-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What SQS takes: any Unicode scalar but control characters, U+FFFE and U+FFFF. */
const sqsText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0x20, max: 0xd7ff }),
      fc.constantFrom(0x09, 0x0a, 0x0d, 0x2028, 0x2029, 0xfffd, 0xfeff, 0x10ffff, 0x1f600),
    ),
    { minLength: 1, maxLength: 30 },
  )
  .map((points) => String.fromCodePoint(...points));
const attribute: fc.Arbitrary<MessageAttributeValue> = fc.oneof(
  fc.record({ DataType: fc.constantFrom('String', 'String.x', 'Number', 'Number.int'), StringValue: sqsText }),
  fc.record({
    DataType: fc.constantFrom('Binary', 'Binary.png'),
    BinaryValue: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
);
const system = fc.record({ MessageGroupId: sqsText, AWSTraceHeader: sqsText }, { requiredKeys: [] });
const letterArbitrary = fc.record({
  body: sqsText,
  attributes: fc.dictionary(fc.stringMatching(/^[A-Za-z][\w.-]{0,20}$/), attribute, { maxKeys: 10 }),
  system,
}) as fc.Arbitrary<Pick<DeadLetter, 'body' | 'attributes' | 'system'>>;

let files = 0;
async function fileOf(content: string | Uint8Array): Promise<string> {
  const file = path.join(folder, `${files++}.jsonl`);
  await writeFile(file, content);
  return file;
}

async function readAll(file: string, incomplete = false): Promise<ExportedLetter[]> {
  await using handle = await open(file);
  const letters: ExportedLetter[] = [];
  for await (const { letter } of readExport(handle, { incomplete })) letters.push(letter);
  return letters;
}

async function write(letters: readonly Pick<DeadLetter, 'body' | 'attributes' | 'system'>[]): Promise<string> {
  const file = path.join(folder, `${files++}.jsonl`);
  await using sink = await createFile(file);
  const writer = new ExportWriter(sink);
  await writer.begin();
  await writer.add(letters.map((letter) => ({ queue: 'jobs', letter: letter as DeadLetter })));
  await writer.end();
  return file;
}

test('whatever SQS can hold comes out of a file as it went in, and goes in again as the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(letterArbitrary, { maxLength: 5 }), async (letters) => {
      const file = await write(letters);
      const read = await readAll(file);
      expect(read.map(({ body, system }) => ({ body, system }))).toEqual(
        letters.map(({ body, system }) => ({ body, system: { ...system } })),
      );
      expect(read.map(({ attributes }) => bytes(attributes))).toEqual(
        letters.map(({ attributes }) => bytes(attributes)),
      );
      expect(await readFile(await write(read))).toEqual(await readFile(file));
    }),
    { numRuns: 60 },
  );
});

const bytes = (attributes: DeadLetter['attributes']) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { DataType, value: BinaryValue ? Buffer.from(BinaryValue).toString('hex') : StringValue },
    ]),
  );

test('a file cut at any byte is refused, and taken with --incomplete as far as its whole lines go', async () => {
  const letters = ['a', 'b\u2028', '✓'].map((body) => ({ body, attributes: {}, system: {} }));
  const whole = await readFile(await write(letters));
  for (let length = 0; length < whole.length - 1; length++) {
    const cut = await fileOf(whole.subarray(0, length));
    await expect(readAll(cut)).rejects.toThrow(/^(line \d+: |the file was cut short in line \d+)/);
    const taken = await readAll(cut, true);
    expect(taken.map(({ body }) => body)).toEqual(letters.slice(0, taken.length).map(({ body }) => body));
    const wholeLines = whole.subarray(0, length).filter((byte) => byte === 0x0a).length;
    expect(taken).toHaveLength(Math.min(3, Math.max(0, wholeLines - 1)));
  }
});

const LINE = toLine('jobs', { body: 'x', attributes: {}, system: {} });
const HEADER = '{"format":"sluice-dead-letters","version":1}';

test.each([
  ['{"format":"sluice-dead-letters","version":2}', 'line 1: not an export'],
  [`${HEADER}\n{`, 'line 2: '],
  [`${HEADER}\n${LINE}\nnull`, 'line 3: the line must be an object'],
  [`${HEADER}\n${LINE.replace('"jobs"', '"https://sqs.example.com/1/mine"')}`, 'line 2: "queue" must name a queue'],
  [`${HEADER}\n${LINE.replace('"x"', '""')}`, 'line 2: "body" must be a string that is not empty'],
  [`${HEADER}\n${LINE.replace('"x"', '"\\ufffe"')}`, 'line 2: "body" holds a character that SQS does not take'],
  [`${HEADER}\n${LINE.replace('"x"', '"\\ud800"')}`, 'line 2: "body" holds a character that SQS does not take'],
  [
    `${HEADER}\n${LINE.replace('"attributes":{}', '"attributes":{"a":{"DataType":"Binary","BinaryValue":"A"}}')}`,
    'line 2: attribute a is not base64',
  ],
  [`${HEADER}\n${LINE.replace('"system":{}', '"system":{"SenderId":"x"}')}`, 'line 2: "system" holds SenderId'],
  [`${HEADER}\n${LINE}\n{"end":true,"letters":2}`, 'line 3: 1 letters are in the file'],
  [`${HEADER}\n{"end":true,"letters":0}\n${LINE}`, 'line 3: there is something behind the end'],
])('%j is refused with its line', async (content, problem) => {
  await expect(readAll(await fileOf(`${content}\n`))).rejects.toThrow(problem);
});

test('bytes that are not UTF-8 are refused with their line', async () => {
  const content = Buffer.concat([Buffer.from(`${HEADER}\n${LINE.slice(0, -1)}`), Buffer.of(0xff, 0x0a)]);
  await expect(readAll(await fileOf(content))).rejects.toThrow('line 2: not UTF-8');
});

test('a letter over 1 MiB is refused before SQS does', () => {
  const tooLong = toLine('jobs', { body: 'x'.repeat(1_048_577), attributes: {}, system: {} });
  expect(() => fromLine(tooLong)).toThrow('1048577 bytes, and SQS takes 1048576');
});
