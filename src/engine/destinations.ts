import { Deferred } from '../failures/errors.ts';

/** Where a job's effects go, and how many runs of one invocation may go there at once. */
export interface Destination {
  readonly name: string;
  readonly slots: number;
}

/**
 * How many runs may wait long, for each slot of their destination. With the one that runs, these are four for each
 * slot, as many as are admitted for each worker slot: see ADMITTED_PER_SLOT in engine/run-batch.ts.
 */
const PATIENT_PER_SLOT = 3;
/** How long the other runs wait, in milliseconds. It is short, because they hold up jobs that go elsewhere. */
const MAX_WAIT_MS = 1_000;

interface Place {
  running: number;
  readonly waiting: Set<() => void>;
  /** A run has waited in vain, and no run has ended since. Then other runs do not wait at all. */
  stuck: boolean;
}

/**
 * Keeps one slow destination from taking all slots. A run above the destination's number waits, and holds no slot
 * meanwhile. The first few wait as long as one run may take. The others wait for at most a second, or not at all while
 * nothing ends, and are then deferred. For one invocation.
 */
export class Destinations {
  readonly #places = new Map<string, Place>();

  /**
   * @param patienceMs milliseconds that the first few wait: as long as one run may take
   * @throws Deferred when the destination had no room in time: the job comes back later, and no failure is counted
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

  /** The run that has waited longest takes the freed place. */
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
