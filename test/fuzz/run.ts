import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { checkBatch, type Outcomes } from './check-batch.ts';
import { type Hostile, hostile } from './messages.ts';
import { startSubject } from './subject.ts';

/** Hostile messages of one batch, at most; as many healthy jobs stand between them. */
const BATCH = 50;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    packaged: { type: 'boolean', default: false },
  },
});
const wanted = Number(values.messages);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
if (!Number.isInteger(wanted) || wanted < 1 || !Number.isInteger(seed)) {
  console.error('npm run fuzz -- [--messages <count>] [--seed <whole number>] [--packaged]');
  process.exit(2);
}
console.log(`${wanted} hostile messages, --seed ${seed}`);
if (!values.packaged) {
  const { default: setup } = await import('../setup.js');
  setup();
}

const total: Outcomes & { batches: number } = { batches: 0, dead: 0, done: 0, tooLarge: 0, requeued: 0 };
const { write } = process.stdout;
const say = (line: string) => write.call(process.stdout, `${line}\n`);
let failed = '';
process.on('unhandledRejection', (reason) => {
  failed = `a rejection that nobody handled: ${reason}`;
});

await using subject = await startSubject();
const inBatch = (messages: readonly Hostile[]) => {
  total.batches += 1;
  return checkBatch(subject, messages, String(total.batches));
};
const property = fc.asyncProperty(fc.array(hostile, { minLength: BATCH, maxLength: BATCH }), async (messages) => {
  const outcomes = await inBatch(messages);
  for (const [outcome, count] of Object.entries(outcomes)) total[outcome as keyof Outcomes] += count;
  if (failed) throw new Error(failed);
  if (total.batches % 1_000 === 0) say(`${total.batches * BATCH} messages`);
});
// Not fast-check's own shrinking of 50 messages at once: which of them it is, is found by asking each alone.
const result = await fc.check(property, { seed, numRuns: Math.ceil(wanted / BATCH), endOnFailure: true });

if (result.failed) {
  say(`--seed ${seed} fails in batch ${result.numRuns}: ${result.errorInstance}`);
  for (const message of result.counterexample?.[0] ?? []) {
    const problem = await inBatch([message]).then(() => undefined, String);
    if (problem) say(`${problem}\n${JSON.stringify(message).slice(0, 2_000)}`);
  }
  process.exitCode = 1;
} else {
  say(JSON.stringify({ ...total, messages: total.batches * BATCH }));
}
