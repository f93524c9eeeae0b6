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

/**
 * Looks an id up as it is, and behind the namespace of every job type. Steps of a chain are in their order.
 *
 * @param ledgers of the stage; queues may have a table of their own
 */
export async function findJobs(id: string, ledgers: readonly LedgerArchive[], now: number): Promise<FoundJob[]> {
  const places = placesOf(id).filter(({ key }) => key === id || Buffer.byteLength(key) <= MAX_KEY_BYTES);
  const foundAt = async (place: Place): Promise<FoundJob[]> => {
    const records = await Promise.all(ledgers.map((ledger) => ledger.describe(place.key)));
    const jobs = records.flatMap((record) => (record ? { place, job: knownJob(place.key, record, now) } : []));
    return jobs.length > 0 ? jobs : [{ place, job: undefined }];
  };
  const found = (await Promise.all(places.map(foundAt))).flat();
  const isAwaited = ({ place }: FoundJob) =>
    place.queue !== undefined &&
    found.some(({ place: { next }, job }) => next === place.queue && job?.handOver === 'sent');
  return found.filter((each) => each.job !== undefined || isAwaited(each));
}
