import { Deferred } from './errors.ts';

/** Where a job's effects go, and how many runs of one process may go there at once. */
export interface Destination {
  readonly name: string;
  readonly slots: number;
}

/** How long a run waits for its turn, in milliseconds. A destination that is quicker than that holds nobody up. */
const MAX_WAIT_MS = 1_000;

interface Place {
  running: number;
  readonly waiting: Set<() => void>;
  /** Somebody has waited in vain, and nothing has ended since: then nobody else needs to wait. */
  stuck: boolean;
}

/**
 * Keeps one slow destination from taking all worker slots: runs above its number wait outside of the slots, and where nothing
 * ends for a second they make way for jobs that go elsewhere.
 */
export class Destinations {
  readonly #places = new Map<string, Place>();

  /** @throws Deferred when the destination has no room within a second: the job comes back later, without blame */
  async run<Result>({ name, slots }: Destination, work: () => Promise<Result>): Promise<Result> {
    const place = this.#places.get(name) ?? { running: 0, waiting: new Set(), stuck: false };
    this.#places.set(name, place);
    if (place.running >= slots) {
      if (place.stuck || !(await turn(place))) {
        place.stuck = true;
        throw new Deferred(`${slots} runs to ${name} are under way, and none of them ends`);
      }
    } else place.running += 1;
    try {
      return await work();
    } finally {
      place.stuck = false;
      this.#leave(name, place);
    }
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
function turn({ waiting }: Place): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (hasPlace: boolean) => {
      clearTimeout(timer);
      waiting.delete(take);
      resolve(hasPlace);
    };
    const take = () => end(true);
    const timer = setTimeout(() => end(false), MAX_WAIT_MS);
    waiting.add(take);
  });
}
