import { setTimeout as delay } from 'node:timers/promises';
import { Destinations } from '../src/destinations.ts';
import { Deferred } from '../src/errors.ts';

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
  await Promise.all(names.map((name) => destinations.run(to(name), () => run(name))));
  return most;
}

test('as many runs to one place go on at once as it has slots, and all have their turn', async () => {
  const names = Array.from({ length: 50 }, () => 'a');
  expect(await peak(new Destinations(), names, 2)).toEqual(new Map([['a', 2]]));
});

test('places do not wait for each other', async () => {
  const destinations = new Destinations();
  const stuck = Promise.withResolvers<void>();
  const held = [1, 2].map(() => destinations.run(to('slow'), () => stuck.promise));
  await expect(destinations.run(to('quick'), async () => 'done')).resolves.toBe('done');
  stuck.resolve();
  await Promise.all(held);
});

test('where nothing ends for a second who waits is deferred, who comes after at once, and after an end there is room again', async () => {
  const destinations = new Destinations();
  const stuck = Promise.withResolvers<void>();
  const held = [1, 2].map(() => destinations.run(to('slow'), () => stuck.promise));
  const began = performance.now();
  await expect(destinations.run(to('slow'), async () => {})).rejects.toThrow(Deferred);
  expect(performance.now() - began).toBeGreaterThan(900);
  const again = performance.now();
  await expect(destinations.run(to('slow'), async () => {})).rejects.toThrow('2 runs to slow are under way');
  expect(performance.now() - again).toBeLessThan(100);
  stuck.resolve();
  await Promise.all(held);
  await expect(destinations.run(to('slow'), async () => 'done')).resolves.toBe('done');
});

test('a run that fails gives its place back', async () => {
  const destinations = new Destinations();
  for (let i = 0; i < 5; i++) {
    const failing = destinations.run(to('a', 1), () => Promise.reject(new Error('down')));
    await expect(failing).rejects.toThrow('down');
  }
});
