import { join } from 'node:path';
import { bundleChanged, type Change, OUT } from '../bundle.ts';
import { runProcess } from '../measure.ts';
import type { Compared, Comparison } from '../process/alternate.ts';
import { rewritten } from '../rewritten.ts';
import { type Rounds, runsOf, takeTurns } from '../rounds.ts';
import { spreadOf } from '../statistics.ts';
import type { Savings } from './savings.ts';
import { TRICKS } from './undone.ts';

/** Makes the job return a document of 1 KB instead of a number. */
const documents = rewritten('src/jobs/triple.ts', [
  [
    'return result;',
    "return { result, text: 'x'.repeat(300), items: Array.from({ length: 12 }, (_, i) => ({ id: String(i), n: i, on: true })) };",
  ],
]);

/** What is measured for each trick: batches of these sizes, with jobs that return this. */
const COLUMNS: readonly { results: string; plugins: Change['plugins']; batches: readonly number[] }[] = [
  { results: 'a number', plugins: [], batches: [10, 1_000] },
  { results: '1 KB', plugins: [documents], batches: [1_000] },
];
const PATIENCE_MS = 300_000;

/** Measures the CPU of each record, with the stub. Half of the processes load the bundle without the trick first. */
export async function measureWork(tricks: readonly string[], rounds: Rounds, savings: Savings): Promise<void> {
  for (const { results, plugins = [], batches } of COLUMNS) {
    const changes = [{}, ...tricks.map((trick) => TRICKS[trick]?.without ?? {})];
    const [asItIs = '', ...others] = await bundleChanged(
      changes.map((change) => ({ ...change, plugins: [...(change.plugins ?? []), ...plugins] })),
      'stub',
    );
    const turns = takeTurns(tricks, rounds, async (trick, round) => {
      const other = others[tricks.indexOf(trick)] ?? '';
      const files: Comparison['files'] = round % 2 ? [asItIs, other] : [other, asItIs];
      const task: Comparison = { files, batches, warmUp: 6_000, records: 1_000, turns: 16 };
      const args = ['--expose-gc', join(OUT, 'process/alternate.cjs'), JSON.stringify(task)];
      const compared: Compared = JSON.parse((await runProcess(args, {}, PATIENCE_MS)).output);
      return batches.map((batch): [number, number] => {
        const [first = 0, second = 0] = compared[batch]?.map((each) => spreadOf(each).median) ?? [];
        return round % 2 ? [first, second] : [second, first];
      });
    });
    for await (const outcomes of turns) {
      for (const trick of tricks) {
        for (const [i, batch] of batches.entries()) {
          const pairs = runsOf(outcomes, trick).flatMap((run) => [run[i] ?? [0, 0]] as [number, number][]);
          if (pairs.length > 0) savings.note(trick, `CPU a record, batch of ${batch}, result of ${results}`, pairs);
        }
      }
    }
  }
}
