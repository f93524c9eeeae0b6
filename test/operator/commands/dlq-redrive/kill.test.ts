import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../../../demo/random.ts';
import { Scene } from './scene.ts';

const LETTERS = 1_000;
const KILLS = 4;

test.each([1, 2, 3])(
  'a redrive of 1,000 letters that is killed again and again loses nothing and runs nothing twice (seed %d)',
  async (seed) => {
    const random = seededRandom(seed);
    await using scene = await Scene.open();
    const { url, deliveries } = scene;
    const jobs = Array.from({ length: LETTERS }, (_, i) =>
      i % 3 === 0 ? { type: 'webhook', job_id: `w${i}`, url, payload: { i } } : { job_id: `t${i}`, value: i },
    );
    await scene.die([...jobs, { job_id: 'hopeless', value: 'three' }]);
    let interrupted = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const before = await scene.count('-dlq');
      // Anywhere from its start on, and then certainly while it sends.
      const moment = kill % 2 ? scene.left(random() * 200) : delay(random() * 2_500);
      const { code } = await scene.redrive(['--rate', '500'], moment);
      const after = await scene.count('-dlq');
      if (code === null && after < before && after > 1) interrupted += 1;
    }
    expect(interrupted).toBeGreaterThan(0);
    for (let runs = 0; (await scene.count('-dlq')) > 1; runs++) {
      const { code, out } = await scene.redrive([]);
      if (runs > 15) throw new Error(`letters are left after ${runs} more runs; the last said ${code}: ${out}`);
      await delay(1_000);
    }
    await scene.consumed();
    const done = await scene.done();
    expect(await scene.count('-dlq')).toBe(1);
    expect(done.size).toBe(LETTERS);
    for (const { job_id } of jobs) expect(done.get(job_id)).toBe('done');
    const hooks = jobs.filter(({ job_id }) => job_id.startsWith('w'));
    expect(deliveries.size).toBe(hooks.length);
    const again = [...deliveries.values()].reduce((sum, count) => sum + count - 1, 0);
    expect(again).toBeLessThanOrEqual(scene.outOfTime());
  },
  180_000,
);
