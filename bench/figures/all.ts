import { batches, overHttp } from './batches.ts';
import { coldStart } from './cold-start.ts';
import { fifo } from './fifo.ts';
import type { Figure, FigureName } from './figure.ts';
import { latency } from './latency.ts';
import { makespan } from './makespan.ts';
import { memory } from './memory.ts';
import { throttled } from './throttled.ts';
import { twice } from './twice.ts';

/** Every figure by its name. */
export const FIGURES: Readonly<Record<FigureName, Figure>> = {
  batches,
  http: overHttp,
  cold: coldStart,
  memory,
  twice,
  makespan,
  throttled,
  latency,
  fifo,
  // Only the embedded cloud needs a packaged service, so it is loaded only here.
  'end-to-end': async function* (settings) {
    yield* (await import('./end-to-end.ts')).endToEnd(settings);
  },
};
