import { Clock } from '../clock.ts';
import { readDeadLetters } from '../dead-letters.ts';
import { FunctionLog } from '../function-log.ts';
import type { Options } from '../options.ts';
import * as print from '../printing.ts';
import { seededRandom } from '../random.ts';
import { Receiver } from '../receiver.ts';
import { saveAccount } from '../report.ts';
import { packageService, startStage } from '../service.ts';
import type { Pattern, World } from './pattern.ts';
import { PATTERNS, type PatternName } from './patterns.ts';
import { watchPattern } from './watch-pattern.ts';

/** Milliseconds that each call to a table takes, so that there is a middle of a batch to kill a process in. */
const TABLE_LATENCY_MS = 20;

/** Milliseconds after which the account is taken, even if messages are left. */
const timeLimit = (jobs: number): number => 180_000 + 20 * jobs;

/**
 * Sends good and bad messages through one pattern, kills some of its processes, and accounts for every message.
 *
 * @returns whether everything was right in the end
 */
export async function demoPattern(
  name: PatternName,
  { jobs, seed, json }: Options,
  cleanup: AsyncDisposableStack,
): Promise<boolean> {
  const pattern: Pattern = PATTERNS[name];
  const clock = new Clock();
  const log = cleanup.adopt(new FunctionLog(`.sluice/demo/${name}.log`), (it) => it.close());
  const receiver = cleanup.adopt(new Receiver(), (it) => it.close());
  const random = seededRandom(seed);
  const receiverUrl = await receiver.listen();
  const plan = pattern.plan({ jobs, random, receiverUrl });
  console.log(print.heading(`Sluice demo: ${pattern.what}, ${print.grouped(jobs)} messages, seed ${seed}`));
  console.log(print.rows(plan.shares.map(({ count, kind, text }) => [count, `${kind.padEnd(10)} ${text}`])));

  console.log(print.heading('Packaging the service and starting the embedded cloud'));
  await clock.time('package the service', () => packageService(pattern.environment?.(receiverUrl)));
  const onLog = (line: string, functionName: string): void => {
    log.write(line, functionName);
    plan.onLine?.(line);
  };
  const stage = await clock.time('start the cloud', () => startStage(onLog));
  cleanup.defer(() => stage.close());
  stage.cloud.tableLimits.latencyMs = TABLE_LATENCY_MS;
  console.log(`  up at ${stage.cloud.endpoint}, with what a deployment of stage demo has`);

  const world: World = {
    stage,
    receiver,
    log,
    deadLetters: async (queue) => (await readDeadLetters(stage.sqs, await stage.urlOf(queue))).letters,
  };
  console.log(print.heading('Sending and processing'));
  const timeUp = AbortSignal.timeout(timeLimit(jobs));
  const left = await clock.time('send and process', () => watchPattern(pattern, plan, { world, random, timeUp }));

  const { rows, discrepancies: found } = await clock.time('take the account', () => plan.account(world));
  const discrepancies = [...left, ...found];
  console.log(`${print.heading('The account')}\n${print.rows(rows)}`);
  console.log(`${print.heading('Function log')}\n${print.logLines(log)}`);
  console.log(`${print.heading('Times')}\n${print.timingLines({ ...clock.timings, 'in all': clock.total() })}`);
  if (json) saveAccount(json, { jobs, seed, pattern: name, account: { rows, discrepancies } }, clock, log);
  console.log(`\n${print.verdictLines(discrepancies)}`);
  return discrepancies.length === 0;
}
