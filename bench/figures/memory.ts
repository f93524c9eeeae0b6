import { measure } from '../measure.ts';
import { exactly, type Figure } from './figure.ts';

const BATCH = 10_000;
const HEAP_MB = 128;

/** Whether a batch of 10,000 gets through a heap of 128 MB. The stub's 10,000 items lie in the same heap. */
export const memory: Figure = async ({ variants, say }) => {
  const outcomes = new Map<string, string>();
  for (const variant of variants) {
    const order = { bundle: variant, mode: 'stub', batch: BATCH, warmUp: 0 } as const;
    try {
      const {
        failed,
        lost = 0,
        doubles = 0,
        peakMb,
      } = await measure({
        ...order,
        nodeOptions: [`--max-old-space-size=${HEAP_MB}`],
      });
      const right = failed + lost + doubles === 0;
      outcomes.set(variant, right ? `finishes (peak ${Math.round(peakMb)} MB)` : `${failed} failed, ${lost} lost`);
    } catch (error) {
      outcomes.set(variant, /heap out of memory/.test(String(error)) ? 'out of memory' : String(error).slice(0, 200));
    }
    say(`a heap of ${HEAP_MB} MB, ${variant}`);
  }
  const sluice = outcomes.get('sluice') ?? '';
  return {
    title: `A batch of 10,000 under --max-old-space-size=${HEAP_MB}`,
    tables: [{ head: ['', 'outcome'], rows: [...outcomes] }],
    targets: [exactly(`a batch of 10,000 under a ${HEAP_MB} MB heap limit`, 'finishes', sluice.replace(/ \(.*/, ''))],
    raw: Object.fromEntries(outcomes),
  };
};
