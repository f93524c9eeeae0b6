import { Scene } from './scene.ts';

const triples = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ job_id: `t${from + i}`, value: i }));

test('a canary that passes is followed by the rest, and --verify sees each one land or die again', async () => {
  await using scene = await Scene.open((path) => (path === '/gone' ? 404 : 200));
  await scene.die(triples(0, 40));
  await scene.die([{ type: 'webhook', job_id: 'w-ok', url: scene.url, payload: {} }]);
  const well = await scene.redrive(['--limit', '5', '--verify', '--timeout', '60', '--json']);
  expect(JSON.parse(well.out).applied).toMatchObject({
    canary: 'passed',
    tally: { sent: 41 },
    verified: { done: 41, deadAgain: 0, stillQueued: 0, unaccounted: 0 },
  });
  expect(well.code).toBe(0);

  await scene.die(triples(100, 20));
  await scene.die([{ type: 'webhook', job_id: 'w-gone', url: `${scene.url}gone`, payload: {} }]);
  const ill = await scene.redrive(['--verify', '--timeout', '60']);
  expect(ill.code).toBe(1);
  expect(ill.out).toMatch(/^ +20 {2}done by now$/m);
  expect(ill.out).toMatch(/^ +1 {2}dead again$/m);
  expect(ill.out).toMatch(/^- [0-9a-f-]{36}:\n {2}PermanentError: POST http/m);
  expect(ill.out).toContain('npx sluice dlq list --stage test --newer-than 15m');
  expect(await scene.count('-dlq')).toBe(1);
}, 120_000);

test('a canary that dies again stops the rest, says why, and leaves it where it is', async () => {
  await using scene = await Scene.open(() => 404);
  const hooks = Array.from({ length: 50 }, (_, i) => ({
    type: 'webhook',
    job_id: `w${i}`,
    url: scene.url,
    payload: { i },
  }));
  await scene.die(hooks);
  const { code, out } = await scene.redrive(['--limit', '3', '--timeout', '60']);
  expect(code).toBe(1);
  expect(out).toMatch(/^ +3 {2}dead again$/m);
  expect(out).toMatch(/^ +47 {2}left where they are$/m);
  expect(out).toContain('The canary failed, so the rest was not sent.');
  expect(out).toMatch(/answered 404/);
  expect(await scene.count('-dlq')).toBe(50);
  expect(scene.deliveries.size).toBe(0);
}, 120_000);
