import { takeAccount } from './account/account.ts';
import { Clock } from './clock.ts';
import { cameFrom, groupByReason, readDeadLetters, redrive } from './dead-letters.ts';
import { FunctionLog } from './function-log.ts';
import { planMishap } from './mishap.ts';
import { createMix } from './mix.ts';
import type { Options } from './options.ts';
import * as print from './printing.ts';
import { Receiver } from './receiver.ts';
import { saveReport } from './report.ts';
import { sendAll, toSending } from './sending.ts';
import { packageService, serviceOf, startStage } from './service.ts';
import { readTable } from './table.ts';
import { watchQueue } from './watching.ts';

const LOG = '.sluice/demo/function.log';
/** Milliseconds after which the account is taken, even if messages are left. */
const timeLimit = (jobs: number): number => 120_000 + 10 * jobs;

/** Sends a mix of good and bad messages through the service. @returns whether everything was right in the end */
export async function demoJobs(options: Options, cleanup: AsyncDisposableStack): Promise<boolean> {
  const { jobs, seed, json } = options;
  const clock = new Clock();
  const timeUp = AbortSignal.timeout(timeLimit(jobs));
  const log = cleanup.adopt(new FunctionLog(LOG), (it) => it.close());
  const receiver = cleanup.adopt(new Receiver(), (it) => it.close());
  const receiverUrl = await receiver.listen();
  const mix = createMix({ jobs, seed, receiverUrl });
  console.log(print.heading(`Sluice demo: ${print.grouped(jobs)} messages, seed ${seed}`));
  console.log(print.mixLines(mix));

  console.log(print.heading('Packaging the service and starting the embedded cloud'));
  await clock.time('package the service', () => packageService());
  const stage = await clock.time('start the cloud', () => startStage(log.write));
  cleanup.defer(() => stage.close());
  const service = await serviceOf(stage);
  const { sqs, queueUrl, deadLetterQueueUrl } = service;
  const world = { service, receiver, log, timeUp };
  console.log(`  up at ${stage.cloud.endpoint}, with what a deployment of stage demo has`);

  console.log(print.heading('Sending and processing'));
  await clock.time('send and process', () =>
    watchQueue(jobs, world, async ({ sent, note }) => {
      planMishap(mix, world, note);
      await sendAll(sqs, queueUrl, mix.map(toSending), sent);
      note('everything is sent');
    }),
  );

  const read = () => readDeadLetters(sqs, deadLetterQueueUrl);
  const { letters, holding } = await clock.time('read the dead letters', read);
  const isRepairable = cameFrom(receiverUrl);
  const groups = groupByReason(letters, isRepairable);
  console.log(print.heading(`${print.grouped(letters.length)} dead letters, and how many will pass after the repair`));
  console.log(print.deadLetterLines(groups));

  receiver.repair();
  const repairable = letters.filter(isRepairable);
  console.log(print.heading(`The receiver is repaired: redriving ${print.grouped(repairable.length)} dead letters`));
  const left = await clock.time('redrive and process', () =>
    watchQueue(repairable.length, world, ({ sent }) =>
      redrive(sqs, repairable, { holding, to: queueUrl, onSent: sent }),
    ),
  );
  await holding.release();

  const account = await clock.time('take the account', async () =>
    takeAccount({
      sent: mix,
      items: await readTable(service.dynamodb, service.tableName),
      deadLetters: (await read()).letters,
      left,
      deliveries: receiver.deliveries,
      crashes: log.crashes,
      timeoutMs: service.worker.configuration.timeoutSeconds * 1000,
    }),
  );
  console.log(`${print.heading('The account')}\n${print.accountLines(account)}`);
  console.log(`${print.heading('Function log')}\n${print.logLines(log)}`);
  console.log(`${print.heading('Times')}\n${print.timingLines({ ...clock.timings, 'in all': clock.total() })}`);
  if (json) saveReport(json, { options, account, deadLetters: groups, clock, log });
  console.log(`\n${print.verdictLines(account.discrepancies)}`);
  return account.discrepancies.length === 0;
}
