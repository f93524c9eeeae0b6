import { Deferred } from '../failures/errors.ts';

/** Where a job's effects go, and how many runs of one invocation may go there at once. */
export interface Destination {
  readonly name: string;
  readonly slots: number;
}

/**
 * Runs that wait with patience, for each slot of their destination. With those that run they are what half of the worker's
 * slots would have under way anyway: see ADMITTED_PER_SLOT in engine/run-batch.ts.
 */
const PATIENT_PER_SLOT = 3;
/** How long others wait while nothing ends, in milliseconds: they are in the way of jobs that go elsewhere. */
const MAX_WAIT_MS = 1_000;

interface Place {
  running: number;
  readonly waiting: Set<() => void>;
  /** Somebody has waited in vain, and nothing has ended since: then nobody else needs to wait. */
  stuck: boolean;
}

/**
 * Keeps one slow destination from taking all worker slots. Runs above its number wait outside of the slots: a few with
 * patience, while the rest makes way for jobs that go elsewhere once nothing has ended for a second. For one invocation.
 */
export class Destinations {
  readonly #places = new Map<string, Place>();

  /**
   * @param patienceMs how long the first few wait, in milliseconds: as long as one run may take
   * @throws Deferred when the destination had no room for too long: the job comes back later, without blame
   */
  async run<Result>({ name, slots }: Destination, patienceMs: number, work: () => Promise<Result>): Promise<Result> {
    const place = this.#places.get(name) ?? { running: 0, waiting: new Set(), stuck: false };
    this.#places.set(name, place);
    if (place.running < slots) place.running += 1;
    else await this.#wait(place, slots, name, patienceMs);
    try {
      return await work();
    } finally {
      place.stuck = false;
      this.#leave(name, place);
    }
  }

  async #wait(place: Place, slots: number, name: string, patienceMs: number): Promise<void> {
    const isPatient = place.waiting.size < PATIENT_PER_SLOT * slots;
    if (isPatient || !place.stuck) {
      if (await turn(place, isPatient ? patienceMs : MAX_WAIT_MS)) return;
      place.stuck = true;
    }
    throw new Deferred(`${name} has its ${slots} at once under way, and others wait for it`);
  }

  /** Whoever waits longest takes the place over. */
  #leave(name: string, place: Place): void {
    const [next] = place.waiting;
    if (next) next();
    else place.running -= 1;
    if (place.running === 0) this.#places.delete(name);
  }
}

/** Waits for a place. @returns whether there is one */
function turn({ waiting }: Place, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (hasPlace: boolean) => {
      clearTimeout(timer);
      waiting.delete(take);
      resolve(hasPlace);
    };
    const take = () => end(true);
    const timer = setTimeout(() => end(false), ms);
    waiting.add(take);
  });
}
