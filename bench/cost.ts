import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleAll, VARIANTS } from './bundle.ts';
import { billedMs, billFor, type Usage } from './cost/model.ts';
import { PRICES } from './cost/prices.ts';
import { measure } from './measure.ts';
import { checkPeers } from './peers.ts';
import type { Measured } from './process/session.ts';
import { spreadOf } from './statistics.ts';

const BATCHES = [1, 10, 100] as const;
const MEMORY_MB = 512;
const LATENCY_MS = 5;
const RECORDS = 500;

/** Measures what jobs use at one batch size. */
async function usageOf(bundle: string, batch: number, repeats: number): Promise<Usage> {
  const runs: Measured[] = [];
  for (let run = 0; run < repeats; run++) {
    runs.push(
      await measure({
        bundle,
        mode: 'stub',
        batch,
        warmUp: 2_000,
        warmUpBatch: 100,
        records: RECORDS,
        table: { latencyMs: LATENCY_MS },
      }),
    );
  }
  const perJob = (value: (run: Measured) => number) => spreadOf(runs.map((run) => value(run) / run.records)).median;
  return {
    writeUnits: perJob((run) => run.counts.writeUnits),
    readUnits: perJob((run) => run.counts.readUnits),
    batch,
    wallMs: perJob((run) => run.wallMs) * batch,
    cpuMs: perJob((run) => run.cpuMs) * batch,
    memoryMb: MEMORY_MB,
  };
}

function pageOf(usages: ReadonlyMap<string, readonly Usage[]>): string {
  const rows = [...usages].flatMap(([variant, each]) =>
    each.map((usage) => {
      const { table, queue, lambda, total } = billFor(usage);
      const dollars = [table, queue, lambda, total].map((value) => value.toFixed(2));
      return `| ${[variant, usage.batch, usage.writeUnits, usage.readUnits, billedMs(usage), ...dollars].join(' | ')} |`;
    }),
  );
  return `# What a million jobs cost

Made by \`node bench/cost.ts\` from measured requests and times, and list prices. Do not edit.

| | jobs a batch | write units a job | read units a job | billed ms an invocation | table, $ | queue, $ | Lambda, $ | total, $ a million |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.join('\n')}

- **Prices** (us-east-1, no free tier): write unit $${PRICES.writeUnits} a million, read unit $${PRICES.readUnits}, queue request
  $${PRICES.queueRequests}, invocation $${PRICES.invocations}, and $${PRICES.gigabyteSeconds} a GB-second.
- **The job** is \`{"job_id", "value"}\` with one small result (one write unit), first delivery, on ${MEMORY_MB} MB and a
  table that answers in ${LATENCY_MS} ms. What takes CPU is stretched as Lambda does below 1,769 MB.
- **The queue** is what producers pay for sending ten to a request and the mapping for receiving and deleting. Empty
  receives of an idle queue (about a dollar a month for a mapping) are not in it.
- **The floor** is one stored item a job. What a design can waste is write units: each further one costs
  $${PRICES.writeUnits} a million jobs.
- Job types that claim (\`claims: true\`) write twice: add $${PRICES.writeUnits} a million.
- Not in it: logs, metrics, tracing, data transfer, point-in-time recovery and storage of the table.
`;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      repeats: { type: 'string', default: '5' },
      out: { type: 'string', default: join(import.meta.dirname, '../docs/cost.md') },
    },
  });
  checkPeers();
  await bundleAll();
  const usages = new Map<string, Usage[]>();
  for (const variant of VARIANTS) {
    const each: Usage[] = [];
    for (const batch of BATCHES) each.push(await usageOf(variant, batch, Number(values.repeats)));
    usages.set(variant, each);
  }
  writeFileSync(values.out, pageOf(usages));
  console.log(`Wrote ${values.out}`);
}
