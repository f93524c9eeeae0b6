import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { allSettings, cheapest, type Estimate, frontier, type Workload } from './tuning/model.ts';
import { plot } from './tuning/plot.ts';

const USAGE = `Says which batch size, window, concurrency and memory are cheapest within a latency goal.

  node bench/tune.ts --handler-ms 120 --waiting 0.9 --rate 50 --goal-ms 5000 [--claims] [--svg FILE]

  --handler-ms N   how long one job takes on a whole CPU: JobDuration in the metrics
  --waiting SHARE  the part of it that waits for others, 0 to 1 (default 0)
  --rate N         messages a second (default 10)
  --goal-ms N      from sent to stored, at most (default 5000)
  --claims         the job type has \`claims: true\`
  --svg FILE       draws price against latency
`;

/** @throws RangeError that names the option */
function workloadOf(values: Record<string, string | boolean | undefined>): Workload {
  const number = (name: string, min: number, max: number): number => {
    const value = Number(values[name]);
    if (value >= min && value <= max) return value;
    throw new RangeError(`--${name} must be a number from ${min} to ${max}, not "${values[name]}"`);
  };
  return {
    handlerMs: number('handler-ms', 0, 900_000),
    waitingShare: number('waiting', 0, 1),
    rate: number('rate', 0.001, 1e6),
    goalMs: number('goal-ms', 1, 1e7),
    claims: values.claims === true,
  };
}

function print(settings: readonly Estimate[]): void {
  const head = [
    'batch',
    'window, s',
    'concurrency',
    'memory, MB',
    'jobs a batch',
    'latency, ms',
    'invocations at once',
    '$ a million',
  ];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const one of settings) {
    table.push([
      one.batchSize,
      one.windowSeconds,
      one.concurrency,
      one.memoryMb,
      Math.round(one.jobsPerBatch),
      Math.round(one.latencyMs),
      one.invocationsAtOnce.toFixed(1),
      one.bill.total.toFixed(3),
    ]);
  }
  console.log(table.toString());
}

const { values } = parseArgs({
  options: {
    'handler-ms': { type: 'string' },
    waiting: { type: 'string', default: '0' },
    rate: { type: 'string', default: '10' },
    'goal-ms': { type: 'string', default: '5000' },
    claims: { type: 'boolean', default: false },
    svg: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help || !values['handler-ms']) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 1;
} else {
  const workload = workloadOf(values);
  const worth = frontier(allSettings(workload));
  const chosen = cheapest(workload);
  console.log('What there is to choose from, fastest first:');
  print(worth);
  if (values.svg) writeFileSync(values.svg, plot(workload, worth, chosen));
  if (chosen) {
    const { batchSize, windowSeconds, concurrency, memoryMb, latencyMs, bill } = chosen;
    console.log(`Cheapest within ${workload.goalMs} ms: ${Math.round(latencyMs)} ms at $${bill.total.toFixed(2)} a million jobs, with
  batchSize: ${batchSize}
  batchWindow: ${windowSeconds}
  workerConcurrency: ${concurrency}
  memory: ${memoryMb}`);
  } else {
    console.log(`Nothing keeps ${workload.goalMs} ms; the fastest is the first line above.`);
    process.exitCode = 1;
  }
}
