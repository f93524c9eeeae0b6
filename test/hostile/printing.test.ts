import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { jobs } from '#jobs';
import { again } from '../../operator/commands/dlq-redrive/again.ts';
import { planText } from '../../operator/commands/dlq-redrive/plan-text.ts';
import { diagnose, type Known } from '../../operator/dead-letters/diagnosis/diagnose.ts';
import { Groups } from '../../operator/dead-letters/diagnosis/groups.ts';
import { fromLine, toLine } from '../../operator/dead-letters/files/letter-line.ts';
import { jobOfLetter } from '../../operator/dead-letters/reading/job-of-letter.ts';
import { readLetter } from '../../operator/dead-letters/reading/read-letter.ts';
import { decide } from '../../operator/dead-letters/redriving/decision.ts';
import { PlanBuilder } from '../../operator/dead-letters/redriving/plan.ts';
import { redrivenMessage } from '../../operator/dead-letters/redriving/redriven-message.ts';
import { filterOf } from '../../operator/dead-letters/selecting/filter.ts';
import { parseWhere } from '../../operator/dead-letters/selecting/parse-where.ts';
import { groupLines } from '../../operator/dead-letters/showing/group-lines.ts';
import { letterText } from '../../operator/dead-letters/showing/letter-text.ts';
import { bodyText } from '../../operator/output/body.ts';
import { toJson } from '../../operator/output/json.ts';
import { escapedJson, harmless, oneLine } from '../../operator/output/printable.ts';
import { Printer } from '../../operator/output/printer.ts';
import { shellCommand } from '../../operator/output/shell.ts';
import { stylesFor } from '../../operator/output/style.ts';
import { CANARY, hostileBody, hostileMessage, hostileText } from './letters.ts';
import { growth, MOST_GROWTH, SHAPES } from './shapes.ts';
import { wordsOf } from './shell.ts';

const NOW = Date.parse('2026-06-01T00:00:00.000Z');
/** What may never reach a terminal: all controls but line feeds, bidirectional controls, line ends of Unicode, halves. */
const RAW = /[^\P{Cc}\n]|[\p{Bidi_Control}\p{Cs}\u2028\u2029]/u;

const out = new PassThrough() as unknown as NodeJS.WriteStream;
const plain = stylesFor(out);

function printed(text: string): string {
  const sink = new PassThrough();
  new Printer(sink as unknown as NodeJS.WriteStream).write(text);
  return String(sink.read() ?? '');
}

describe('one place makes foreign text harmless', () => {
  test('on one line there is nothing that a terminal obeys or that breaks the line', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const line = oneLine(text);
        expect(line).not.toMatch(RAW);
        expect(line).not.toContain('\n');
        expect(oneLine(line)).toBe(line);
        expect(harmless(text)).not.toMatch(RAW);
      }),
    );
    expect(oneLine('a\r\nb\u2028c\td\u001b[31m\u009b\u202e\ud800e')).toBe('a b c d\ufffd[31m\ufffd\ufffd\ufffde');
  });

  test('what is cut says how long it was, and is no half of a character', () => {
    expect(oneLine('x'.repeat(1_234_567), 10)).toBe('xxxxxxxxxx… (1,234,567 characters)');
    expect(oneLine('💥💥', 3)).toMatch(/^💥\ufffd… \(4 characters\)$/);
  });

  test('JSON has the same values, and nothing raw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), hostileText, (value, text) => {
        const json = escapedJson(JSON.stringify({ value, text, [text]: 1 }));
        expect(json).not.toMatch(RAW);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, text, [text]: 1 })));
      }),
    );
  });

  test('a printer lets through our own styles on a terminal, and no other escape', () => {
    const sink = Object.assign(new PassThrough(), { isTTY: true, getColorDepth: () => 24, hasColors: () => true });
    const printer = new Printer(sink as unknown as NodeJS.WriteStream);
    const styles = stylesFor(printer.stream);
    const env = { ...process.env };
    delete process.env.NO_COLOR;
    process.env.FORCE_COLOR = '1';
    printer.write(`${styles.bad('bad')} \u001b[2J\u001b[8mhidden\u0007\u202e\n`);
    process.env = env;
    expect(String(sink.read())).toBe(`${'\u001b[31mbad\u001b[39m'} \ufffd[2J\ufffd[8mhidden\ufffd\ufffd\n`);
    expect(printed(`${'\u001b[31m'}piped`)).toBe('\ufffd[31mpiped');
  });
});

describe('a suggested command', () => {
  const words = fc.array(fc.oneof(hostileText, fc.string()), { minLength: 1, maxLength: 4 });

  test('gives a real shell exactly the words that were meant, or is not suggested', () => {
    const meant: string[][] = [];
    fc.assert(
      fc.property(words, (each) => {
        const command = shellCommand(['npx', 'sluice', ...each]);
        if (command === undefined) return;
        expect(command).not.toMatch(RAW);
        meant.push([command, 'sluice', ...each]);
      }),
      { numRuns: 3_000 },
    );
    expect(meant.length).toBeGreaterThan(500);
    expect(wordsOf(meant.map(([command]) => command as string))).toEqual(meant.map(([, ...each]) => each));
  });

  test('that cannot be printed as it is, is not printed as another one', () => {
    expect(shellCommand(['npx', 'a\nb'])).toBeUndefined();
    expect(shellCommand(['npx', 'a\u202eb'])).toBeUndefined();
    expect(again(['dlq', 'redrive', '--where', 'a!=\u0007'], { without: [], and: '--yes' })).toBe(
      'the same command with --yes',
    );
  });
});

/** What the tool makes of letters, without AWS: everything that reads them, and everything that prints them. */
function readAndPrint(messages: Parameters<typeof readLetter>[0][]): {
  text: string;
  json: string;
  commands: string[];
} {
  const groups = new Groups();
  const plan = new PlanBuilder();
  const passes = filterOf({ where: [parseWhere('customer.tier!=gold')], olderThanMs: 1 });
  const texts: string[] = [];
  const shown = messages.map((message) => {
    const letter = readLetter(message);
    const job = jobOfLetter(letter.body, { jobs, defaultType: 'triple' });
    const known: Known = { job, claims: false, record: undefined };
    const diagnosis = diagnose(letter, known, NOW);
    passes(letter, NOW, diagnosis);
    groups.add('jobs', letter, diagnosis);
    const rules = { now: NOW, includeInvalid: false, maxAgeMs: undefined, resultTtlMs: 86_400_000 };
    plan.add('jobs', letter, diagnosis, decide(letter, job, undefined, rules));
    redrivenMessage(letter, { fifo: true });
    const text = letterText({ queue: 'jobs', letter, diagnosis, known }, plain, NOW);
    const foreign = text.split('\n').filter((line) => !LINE_OF_OURS.test(line));
    expect(foreign).toEqual([]);
    texts.push(text);
    expectRoundTrip(letter);
    return { letter, diagnosis };
  });
  const lines = groupLines(groups.list(), plain, NOW);
  expect(lines.split('\n')).toHaveLength(1 + 2 * groups.list().length);
  const routes = [{ queue: 'jobs', unseen: { waiting: 1, elsewhere: 1 }, fifo: false }];
  const planned = planText({ plan: plan.build(), routes });
  for (const text of [lines, planned]) {
    // In characters: those that take no column on a terminal are more than there are columns.
    for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(160);
  }
  const commands = groups.list().flatMap(({ fingerprint, example, type }) => {
    const all = [example.messageId, fingerprint, type, example.jobId ?? ''].map((word) => shellCommand(['npx', word]));
    return all.filter((command) => command !== undefined);
  });
  return { text: [...texts, lines, planned].join('\n'), json: toJson({ shown, groups: groups.list() }), commands };
}

/** Labels begin a line; whatever else a letter holds is behind a margin. */
const LABELS = [
  'queue',
  'message id',
  'original id',
  'job',
  'type',
  'group',
  'error',
  'fingerprint',
  'kind',
  'attempts',
]
  .concat(['first failed', 'died', 'function', 'sent', 'receives', 'ledger', 'today'])
  .map((label) => label.padEnd(18));
const LINE_OF_OURS = new RegExp(`^(${LABELS.join('|')}|attributes$|body$|  )`);

function expectRoundTrip(letter: ReturnType<typeof readLetter>): void {
  const line = toLine('jobs', letter);
  expect(line).not.toMatch(RAW);
  expect(JSON.parse(line).body).toBe(letter.body);
  try {
    expect(fromLine(line).body).toBe(letter.body);
  } catch (error) {
    // SQS would not take it either.
    expect((error as Error).message).not.toMatch(RAW);
  }
}

test('whatever letters hold, all of it is read, and nothing of it is printed raw, looks like a line of ours or runs', () => {
  const commands: string[] = [];
  fc.assert(
    fc.property(fc.array(hostileMessage, { minLength: 1, maxLength: 4 }), (messages) => {
      const { text, json, ...more } = readAndPrint(messages);
      expect(text).not.toMatch(RAW);
      expect(printed(text)).toBe(text);
      expect(json.slice(0, -1)).not.toMatch(RAW);
      expect(JSON.parse(json).shown).toHaveLength(messages.length);
      if (commands.length < 5_000) commands.push(...more.commands);
    }),
    { numRuns: 500, interruptAfterTimeLimit: 40_000 },
  );
  expect(commands.length).toBeGreaterThan(500);
  expect(wordsOf(commands)).toHaveLength(commands.length);
}, 60_000);

test('a body never makes a line of ours, and its beginning is shown', () => {
  fc.assert(
    fc.property(hostileBody, (body) => {
      const text = bodyText(body);
      expect(text).not.toMatch(RAW);
      expect(text.split('\n').every((line) => line.startsWith('  '))).toBe(true);
    }),
  );
  expect(bodyText(`{"a":"\u009b${CANARY}"}`)).toBe(`  {\n    "a": "\\u009b${CANARY}"\n  }`);
});

describe('what 1 MiB in any field costs to read grows with its length, and it prints little', () => {
  const reading = (fields: Parameters<typeof readLetter>[0]) => {
    const letter = readLetter({ MessageId: 'm', Body: '{"job_id":"a","value":1}', ...fields });
    diagnose(letter, { job: { problem: '' }, claims: false, record: undefined }, NOW);
    new Groups().add('jobs', letter, diagnose(letter, { job: { problem: '' }, claims: false, record: undefined }, NOW));
  };
  const FIELDS: ((text: string) => Parameters<typeof readLetter>[0])[] = [
    (text) => ({ MessageAttributes: { DeadLetterReason: { DataType: 'String', StringValue: text } } }),
    (text) => ({ MessageAttributes: { mine: { DataType: 'String', StringValue: text } } }),
    (text) => ({ Attributes: { SentTimestamp: text, MessageGroupId: text } as never }),
  ];
  test.each(Object.entries(SHAPES))('%s', (_, shape) => {
    const attribute = { DataType: 'String', StringValue: shape };
    for (const fields of FIELDS) expect(growth(shape, reading, fields)).toBeLessThan(MOST_GROWTH);
    for (const print of [oneLine, bodyText]) {
      expect(growth(shape, print, (text) => text)).toBeLessThan(MOST_GROWTH);
      expect(print(shape).length).toBeLessThan(100_000);
    }
    const { text } = readAndPrint([{ MessageId: 'm', Body: shape, MessageAttributes: { mine: attribute } }]);
    expect(text.length).toBeLessThan(150_000);
  });
});
