import { jobs } from '#all-jobs';
import { queues } from '#queues';
import { ledgerKey } from '../../src/queues/job-key.ts';

/** Where an id may be known: as it is, or behind the namespace of a job type. */
export interface Place {
  /** The ledger's key. */
  readonly key: string;
  /** The queue whose default type has this namespace, where there is one. */
  readonly queue: string | undefined;
  /** The queue of the next step, where that queue is in a chain. */
  readonly next: string | undefined;
}

/** Every key under which this checkout's job types may have stored a job of this id: as it is first, then steps in their order. */
export function placesOf(id: string): Place[] {
  const places = new Map<string, Place>([[id, { key: id, queue: undefined, next: undefined }]]);
  const add = (type: string | undefined, queue?: string) => {
    const job = type === undefined ? undefined : jobs.get(type);
    const key = job && ledgerKey(job, id);
    if (key === undefined || places.has(key)) return;
    places.set(key, { key, queue, next: queue === undefined ? undefined : queues.get(queue)?.next });
  };
  for (const queue of inOrderOfChains()) add(queues.get(queue)?.defaultType, queue);
  for (const type of jobs.keys()) add(type);
  return [...places.values()];
}

/** Queues, each step of a chain behind the one before it. */
function inOrderOfChains(): string[] {
  const ordered = new Set<string>();
  const later = new Set([...queues.values()].flatMap(({ next }) => next ?? []));
  for (const first of [...queues.keys()].filter((name) => !later.has(name))) {
    for (
      let name: string | undefined = first;
      name !== undefined && !ordered.has(name);
      name = queues.get(name)?.next
    ) {
      ordered.add(name);
    }
  }
  return [...ordered];
}
