import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { isSqsText } from '../../src/queues/sqs-text.ts';
import { depth, sendAll } from '../operator/dead-letters/world.ts';
import { type Operator, operator } from '../operator/operator.ts';
import { hostileMessage } from './letters.ts';
import { wordsOf } from './shell.ts';

type Sending = Omit<SendMessageBatchRequestEntry, 'Id'>;

const LETTERS = 60;
const RAW = /[^\P{Cc}\n]|[\p{Bidi_Control}\p{Cs}\u2028\u2029]/u;

let op: Operator;
let folder: string;
beforeAll(async () => {
  op = await operator();
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-hostile-'));
});
afterAll(async () => {
  await op[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** What SQS does not take is left out of a hostile message: it never arrives. */
const sendable: fc.Arbitrary<Sending> = hostileMessage
  .filter(({ Body = '' }) => Body !== '' && isSqsText(Body))
  .map(({ Body, MessageAttributes = {} }) => ({
    MessageBody: Body,
    MessageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).filter(
        ([name, { DataType, StringValue, BinaryValue }]) =>
          /^\w[\w.]*$/.test(name) &&
          (DataType === 'String'
            ? StringValue && isSqsText(StringValue)
            : DataType === 'Binary' && BinaryValue?.length),
      ),
    ),
  }));

const COMMANDS: readonly (readonly string[])[] = [
  ['dlq', 'list'],
  ['dlq', 'list', '--where', 'a.b!=c', '--older-than', '1s'],
  ['dlq', 'purge', '--dry-run'],
  ['dlq', 'redrive', '--dry-run'],
  ['dlq', 'redrive', '--dry-run', '--include-invalid'],
  ['queues', '--check'],
  ['job', 'nobody', '--search'],
  ['dlq', 'show', "x' $(touch canary)"],
];

test.each([1, 2])(
  'dead letters that are made to be obeyed end no command, print nothing raw, and suggest nothing but commands (seed %d)',
  async (seed) => {
    const letters = fc.sample(sendable, { seed, numRuns: LETTERS });
    await sendAll(op, op.queueUrl('jobs-dlq'), letters);
    const suggested: string[] = [];
    const run = async (...args: string[]) => {
      const ran = await op.sluice(...args);
      expect(ran.err).not.toMatch(/^\s+at /m);
      expect([ran.out, ran.err].filter((text) => RAW.test(text))).toEqual([]);
      expect([args, [0, 1].includes(ran.code)]).toEqual([args, true]);
      suggested.push(...(ran.out + ran.err).split('\n').flatMap(suggestion));
      return ran;
    };
    for (const command of COMMANDS) {
      await run(...command);
      if (command[1] !== 'show') JSON.parse((await run(...command, '--json')).out);
    }
    const { groups } = JSON.parse((await run('dlq', 'list', '--json')).out);
    for (const { example } of groups.slice(0, 15)) await run('dlq', 'show', example.messageId);
    const [first, second] = ['first', 'second'].map((name) =>
      path.join(folder, `${name}${seed} $(touch canary).jsonl`),
    );
    expect((await run('dlq', 'export', '--file', '-')).out).not.toMatch(RAW);
    await run('dlq', 'export', '--file', first as string);
    await run('dlq', 'purge', '--yes', '--export', second as string);
    expect(await depth(op, op.queueUrl('jobs-dlq'))).toEqual([0, 0]);
    const lines = (file = '') => readFileSync(file, 'utf8').split('\n').toSorted();
    expect(lines(second)).toEqual(lines(first));
    expect([first, second].map((file) => statSync(file as string).mode & 0o777)).toEqual([0o600, 0o600]);
    await run('dlq', 'import', '--file', second as string);
    const { totals } = JSON.parse((await run('dlq', 'redrive', '--dry-run', '--include-invalid', '--json')).out);
    const { applied } = JSON.parse((await run('dlq', 'redrive', '--include-invalid', '--yes', '--json')).out);
    expect(applied.tally.sent).toBe(totals.goesBack);
    await run('dlq', 'purge', '--yes', '--no-export');
    expect(suggested.length).toBeGreaterThanOrEqual(10);
    for (const words of wordsOf(suggested)) expect(words[0]).toBe('sluice');
  },
  60_000,
);

/** A command that a line of ours tells the operator to run; margins and quotes show what is a message's. */
function suggestion(line: string): string[] {
  const [, command] =
    /^(?:Next: |Next, [^:]*: |To bring them back: |Apply it: | {2}|.*`)(npx sluice [^`]*)`?/.exec(line) ?? [];
  return command ? [command.replace(/` says .*$/, '')] : [];
}
