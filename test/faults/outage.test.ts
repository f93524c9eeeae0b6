import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import triple from '../../src/jobs/triple.ts';
import { startWorld } from '../world.ts';
import { FaultyHandler, reset } from './faulty-handler.ts';

test('a table that is down and then back: nothing is dead-lettered however often it was received, and all drains', async () => {
  // Near the short end of each back-off, so that the copies come back within the test.
  const random = jest.spyOn(Math, 'random').mockReturnValue(0.02);
  const world = await startWorld();
  try {
    let down = true;
    const clients = world.clientsWith({
      maxAttempts: 1,
      requestHandler: new FaultyHandler(({ operation, forward }) => {
        if (down && operation.startsWith('Batch') && !operation.includes('Message')) return Promise.reject(reset());
        return forward();
      }),
    });
    // Deferrals come back at once; the queue's own count still goes up with each receive.
    const worker = world.worker({ triple }, { clients });
    const jobs = Array.from({ length: 30 }, (_, i) => ({ job_id: `j${i}`, value: i }));
    await world.send(jobs);
    let records = await world.receive();
    for (let receive = 1; receive <= 4; receive++) {
      const counted = records.map((record) => ({
        ...record,
        attributes: { ...record.attributes, ApproximateReceiveCount: String(receive) },
      }));
      const { failed, report } = await worker(counted, { remainingMs: 3_000 });
      expect(report.verdicts).toMatchObject({ deferred: 30, dead: 0 });
      expect(failed).toHaveLength(receive < 4 ? 30 : 0);
    }
    expect(await world.deadLetters()).toEqual([]);
    expect((await world.items()).size).toBe(0);

    down = false;
    // Before their last permitted receive each went back to the queue as a copy, with a delay.
    const deadline = Date.now() + 25_000;
    const results = new Set<string>();
    while (results.size < 30 && Date.now() < deadline) {
      records = await world.receive();
      if (records.length > 0) await worker(records);
      for (const id of (await world.items()).keys()) results.add(id);
      await delay(200);
    }
    const items = await world.items();
    for (const { job_id, value } of jobs) expect(items.get(job_id)?.Result).toBe(value * 3);
    expect(await world.deadLetters()).toEqual([]);
  } finally {
    random.mockRestore();
    await world.close();
  }
}, 60_000);
