import type { Mode } from '../bundle.ts';
import { ratioOf, ratioText, short, spreadOf, withSpread } from '../statistics.ts';
import { atMost, exactly, type Target } from './figure.ts';

/** What each run measured per record, by round. Empty where a variant is out. */
export interface PerRecord {
  cpu(variant: string, batch: number): readonly number[];
  /** Sluice's requests. */
  requests(batch: number): readonly number[];
  writeUnits(batch: number): readonly number[];
}

/** The targets for work per record. Over HTTP only the ratios are checked, because the counts are the same there. */
export function batchTargets(
  mode: Mode,
  variants: readonly string[],
  { cpu, requests, writeUnits }: PerRecord,
): Target[] {
  const against = (peer: string, batch: number, limit: number) => {
    const figure = `CPU per record, batch of ${batch.toLocaleString('en-US')}, against ${peer} (${mode})`;
    return atMost(figure, limit, () => ratioOf(cpu('sluice', batch), cpu(peer, batch)), ratioText);
  };
  const ratios = [
    ...(variants.includes('powertools')
      ? [against('powertools', 1_000, 1 / 30), against('powertools', 10, 1 / 12)]
      : []),
    ...(variants.includes('bare') ? [against('bare', 1_000, 1 / 7)] : []),
  ];
  if (mode === 'http') return ratios;
  const writes = writeUnits(100);
  return [
    ...ratios,
    atMost('requests to DynamoDB per record, batch of 100', 0.05, () => spreadOf(requests(100)), short),
    exactly(
      'write units per job, first delivery',
      '1',
      writes.length > 0 ? withSpread(spreadOf(writes)) : 'not measured',
    ),
    atMost(
      'CPU per record, batch of 10,000 against batch of 10',
      1,
      () => ratioOf(cpu('sluice', 10_000), cpu('sluice', 10)),
      ratioText,
    ),
  ];
}
