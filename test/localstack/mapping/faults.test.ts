import { functionWorld, until } from '../functions/world.ts';
import { mappingWorld, numbers } from './world.ts';

/** Writes every record that it handles as a line, then answers. */
const handler = (body: string): string => `
  const failedBefore = new Set();
  export const handler = async ({ Records }) => {
    const batchItemFailures = [];
    ${body}
    return { batchItemFailures };
  };`;
const handled = (lines: string[]): string[] =>
  lines.filter((line) => line.startsWith('done ')).map((line) => line.slice(5));
const sorted = (bodies: Iterable<string>): string[] => [...bodies].sort((a, b) => Number(a) - Number(b));

test('a process killed in the middle of a batch: its messages come back and all are handled', async () => {
  await using world = await mappingWorld({ visibilitySeconds: 2, maxReceiveCount: 10 });
  await using host = functionWorld(
    handler(
      `for (const { body } of Records) { await new Promise((r) => setTimeout(r, 15)); console.log('done', body); }`,
    ),
    { timeoutSeconds: 2 },
  );
  await world.send(numbers(120));
  const mapping = world.map(host.function, { maximumConcurrency: 3 });
  let kills = 0;
  for (let round = 0; round < 4; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 137));
    if (host.function.killOne()) kills += 1;
  }
  await until(() => mapping.stats().deleted === 120, 'all are deleted');
  // A process killed after its answer costs nothing, so the batches that failed are counted, not the kills.
  const failedBatches = world.log.map((line) => Number(/^Batch of (\d+) .*the function failed/.exec(line)?.[1]));
  expect(failedBatches.length).toBeGreaterThan(0);
  expect(failedBatches.length).toBeLessThanOrEqual(kills);
  expect(mapping.stats().returned).toBe(failedBatches.reduce((sum, size) => sum + size, 0));
  expect(sorted(new Set(handled(host.lines)))).toEqual(numbers(120));
  expect(world.counts()).toEqual({ waiting: 0, inFlight: 0 });
  expect(world.counts('dead')).toEqual({ waiting: 0, inFlight: 0 });
}, 30_000);

test('a time-out returns its own batch only', async () => {
  await using world = await mappingWorld({ visibilitySeconds: 2, maxReceiveCount: 10 });
  await using host = functionWorld(
    handler(`if (Records.some((r) => r.body === '3' && r.attributes.ApproximateReceiveCount === '1')) for (;;);
      for (const { body } of Records) console.log('done', body);`),
    { timeoutSeconds: 1 },
  );
  await world.send(numbers(40));
  const mapping = world.map(host.function, { maximumConcurrency: 4 });
  await until(() => mapping.stats().deleted === 40, 'all are deleted');
  expect(mapping.stats().returned).toBe(10);
  expect(sorted(handled(host.lines))).toEqual(numbers(40));
  expect(world.log).toEqual([expect.stringMatching(/Sandbox\.Timedout/)]);
});

test('half of a batch failing: that half comes back, the other half is handled once', async () => {
  await using world = await mappingWorld({ visibilitySeconds: 3 });
  await using host = functionWorld(
    handler(`for (const { body, messageId, attributes } of Records) {
      if (Number(body) % 2 && attributes.ApproximateReceiveCount === '1') batchItemFailures.push({ itemIdentifier: messageId });
      else console.log('done', body);
    }`),
  );
  await world.send(numbers(20));
  const mapping = world.map(host.function);
  await until(() => mapping.stats().deleted === 20, 'all are deleted');
  expect(mapping.stats()).toMatchObject({ received: 30, returned: 10 });
  expect(sorted(handled(host.lines))).toEqual(numbers(20));
});

test('a handler that throws for one poison message: only the batches with it suffer, and the DLQ gets it', async () => {
  await using world = await mappingWorld({ visibilitySeconds: 3, maxReceiveCount: 2 });
  await using host = functionWorld(
    handler(`if (Records.some((r) => r.body === '7')) throw new Error('poison');
      for (const { body } of Records) console.log('done', body);`),
  );
  await world.send(numbers(12));
  const mapping = world.map(host.function, { batchSize: 1, maximumConcurrency: 4 });
  await until(() => world.counts('dead').waiting === 1, 'it is in the DLQ');
  expect((await world.receive('dead')).map((message) => message.Body)).toEqual(['7']);
  expect(sorted(handled(host.lines))).toEqual(numbers(12).filter((body) => body !== '7'));
  expect(mapping.stats()).toMatchObject({ deleted: 11, returned: 2 });
});

test('a bundle that cannot be loaded loses nothing', async () => {
  await using world = await mappingWorld();
  await using host = functionWorld('throw new Error("TABLE is missing");');
  await world.send(numbers(3));
  const mapping = world.map(host.function);
  await until(() => mapping.stats().returned === 3, 'the batch has failed');
  expect(world.counts()).toEqual({ waiting: 0, inFlight: 3 });
  expect(world.log.join()).toContain('TABLE is missing');
});
