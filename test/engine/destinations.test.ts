import { setTimeout as delay } from 'node:timers/promises';
import { Destinations } from '../../src/engine/destinations.ts';
import { Deferred } from '../../src/failures/errors.ts';

const to = (name: string, slots = 2) => ({ name, slots });

/** Runs that take a while. @returns the most that ran at once */
async function peak(destinations: Destinations, names: readonly string[], ms: number): Promise<Map<string, number>> {
  const running = new Map<string, number>();
  const most = new Map<string, number>();
  const run = async (name: string) => {
    running.set(name, (running.get(name) ?? 0) + 1);
    most.set(name, Math.max(most.get(name) ?? 0, running.get(name) ?? 0));
    await delay(ms);
    running.set(name, (running.get(name) ?? 0) - 1);
  };
  await Promise.all(names.map((name) => destinations.run(to(name), 10_000, () => run(name))));
  return most;
}

test('as many runs to one place go on at once as it has slots, and all have their turn', async () => {
  const names = Array.from({ length: 50 }, () => 'a');
  expect(await peak(new Destinations(), names, 2)).toEqual(new Map([['a', 2]]));
});

test('places do not wait for each other', async () => {
  const destinations = new Destinations();
  const stuck = Promise.withResolvers<void>();
  const held = [1, 2].map(() => destinations.run(to('slow'), 10_000, () => stuck.promise));
  await expect(destinations.run(to('quick'), 10_000, async () => 'done')).resolves.toBe('done');
  stuck.resolve();
  await Promise.all(held);
});

test('where nothing ends three for each slot wait with patience, who comes then a second, and who comes after that not at all', async () => {
  const destinations = new Destinations();
  const stuck = Promise.withResolvers<void>();
  const run = () => destinations.run(to('slow'), 2_000, () => stuck.promise);
  const began = performance.now();
  const ended: string[] = [];
  const told = (who: string, waiting: Promise<void>) =>
    waiting.then(
      () => ended.push(`${who} ran`),
      (error) => ended.push(`${who} ${error instanceof Deferred ? 'deferred' : error}`),
    );
  const held = [1, 2].map(run);
  const patient = Array.from({ length: 6 }, () => told('patient', run()));
  await told('next', run());
  expect(performance.now() - began).toBeGreaterThan(900);
  const again = performance.now();
  await told('late', run());
  expect(performance.now() - again).toBeLessThan(800);
  expect(ended).toEqual(['next deferred', 'late deferred']);
  stuck.resolve();
  await Promise.all([...held, ...patient]);
  expect(ended.slice(2)).toEqual(Array(6).fill('patient ran'));
  await expect(destinations.run(to('slow'), 2_000, async () => 'done')).resolves.toBe('done');
});

test('patience ends with the time of one run', async () => {
  const destinations = new Destinations();
  const stuck = Promise.withResolvers<void>();
  const held = destinations.run(to('slow', 1), 50, () => stuck.promise);
  const waiting = destinations.run(to('slow', 1), 50, async () => {});
  await expect(waiting).rejects.toThrow('slow has its 1 at once under way, and others wait for it');
  stuck.resolve();
  await held;
});

test('a run that fails gives its place back', async () => {
  const destinations = new Destinations();
  for (let i = 0; i < 5; i++) {
    const failing = destinations.run(to('a', 1), 10_000, () => Promise.reject(new Error('down')));
    await expect(failing).rejects.toThrow('down');
  }
});
