import { MAX_KEY_BYTES } from '../../../src/ledger/key.ts';
import type { LedgerArchive } from '../../../src/ledger/store.ts';
import { type Place, placesOf } from '../../stage/namespaces.ts';
import { type KnownJob, knownJob } from './known-job.ts';

/** One of the jobs of an id. */
export interface FoundJob {
  readonly place: Place;
  /** Undefined for a step that nothing is known of, though the one before it has handed over. */
  readonly job: KnownJob | undefined;
}

/** Looks an id up as it is, and behind the namespace of every job type. Steps of a chain are in their order. */
export async function findJobs(id: string, ledger: LedgerArchive, now: number): Promise<FoundJob[]> {
  const places = placesOf(id).filter(({ key }) => key === id || Buffer.byteLength(key) <= MAX_KEY_BYTES);
  const found = await Promise.all(
    places.map(async (place): Promise<FoundJob> => {
      const record = await ledger.describe(place.key);
      return { place, job: record && knownJob(place.key, record, now) };
    }),
  );
  const isAwaited = ({ place }: FoundJob) =>
    place.queue !== undefined &&
    found.some(({ place: { next }, job }) => next === place.queue && job?.handOver === 'sent');
  return found.filter((each) => each.job !== undefined || isAwaited(each));
}
