import { measure, StubServer } from '../measure.ts';
import { ratioText, spreadOf, withSpread } from '../statistics.ts';
import { atMost, type Figure } from './figure.ts';

const BATCH = 10_000;
const LATENCY_MS = 20;

/** Wall time of a large batch against a table that takes 20 ms to answer, over HTTP with the SDK's own sockets. */
export const latency: Figure = async ({ variants, repeats, say }) => {
  const server = await StubServer.start();
  const walls = new Map<string, number[]>(variants.map((variant) => [variant, []]));
  const wrong = new Map<string, number>();
  try {
    for (let run = 1; run <= repeats; run++) {
      for (const variant of variants) {
        await server.reset({ latencyMs: LATENCY_MS });
        const order = {
          bundle: variant,
          mode: 'http',
          endpoint: server.endpoint,
          batch: BATCH,
          warmUp: 1_000,
        } as const;
        const { wallMs, failed } = await measure(order);
        walls.get(variant)?.push(wallMs / 1_000);
        wrong.set(variant, (wrong.get(variant) ?? 0) + failed);
      }
      say(`a table of ${LATENCY_MS} ms, run ${run} of ${repeats}`);
    }
  } finally {
    server.close();
  }
  const seconds = (variant: string) => spreadOf(walls.get(variant) ?? []);
  return {
    title: `Wall time of a batch of 10,000 at ${LATENCY_MS} ms table latency (http)`,
    tables: [
      {
        head: ['', 'seconds', 'failed'],
        rows: variants.map((variant) => [variant, withSpread(seconds(variant)), String(wrong.get(variant))]),
      },
    ],
    targets: variants.includes('powertools')
      ? [
          atMost(
            `wall time, batch of 10,000, ${LATENCY_MS} ms table latency, against powertools`,
            1 / 10,
            seconds('sluice').median / seconds('powertools').median,
            ratioText,
          ),
        ]
      : [],
    raw: Object.fromEntries(walls),
  };
};
