import { functionWorld, until } from './world.ts';

test('output comes line by line, a line without an end included', async () => {
  await using world = functionWorld(
    `export const handler = async () => { console.log('one\\ntwo'); process.stdout.write('half '); process.stdout.write('line'); };`,
  );
  await world.function.invoke('{}');
  expect(world.lines).toEqual(['one', 'two', 'half line']);
});

test('all output of an invocation is delivered before its result', async () => {
  await using world = functionWorld(
    'export const handler = async (e) => { for (let i = 0; i < 3000; i++) console.log("x".repeat(100), e.n, i); };',
  );
  for (const n of [1, 2, 3]) {
    await world.function.invoke(JSON.stringify({ n }));
    expect(world.lines.length).toBe(n * 3000);
    expect(world.lines.at(-1)).toMatch(new RegExp(` ${n} 2999$`));
  }
});

test('the log tail has the lines of START, END and REPORT around the output of its own invocation', async () => {
  await using world = functionWorld('export const handler = async ({ n }) => console.error("job", n);');
  const first = await world.function.invoke('{"n":1}');
  const second = await world.function.invoke('{"n":2}');
  expect(first.logTail.split('\n')).toEqual([
    `START RequestId: ${first.requestId} Version: $LATEST`,
    'job 1',
    `END RequestId: ${first.requestId}`,
    expect.stringMatching(
      new RegExp(
        `^REPORT RequestId: ${first.requestId}\\tDuration: [\\d.]+ ms\\tBilled Duration: \\d+ ms\\t` +
          'Memory Size: 128 MB\\tMax Memory Used: \\d+ MB\\tInit Duration: [\\d.]+ ms$',
      ),
    ),
    '',
  ]);
  expect(second.logTail).toContain('job 2');
  expect(second.logTail).not.toContain('job 1');
  expect(second.logTail).not.toContain('Init Duration');
});

test('the log tail is the last 4 KB', async () => {
  await using world = functionWorld(
    'export const handler = async () => { for (let i = 0; i < 5000; i++) console.log("line é", i); };',
  );
  const { logTail } = await world.function.invoke('{}');
  expect(Buffer.byteLength(logTail)).toBeLessThanOrEqual(4096 + 2);
  expect(Buffer.byteLength(logTail)).toBeGreaterThan(4000);
  expect(logTail).toContain('line é 4999\nEND');
});

test('what an invocation left running is not taken for output of the next', async () => {
  await using world = functionWorld(
    `export const handler = async ({ leave }) => {
      if (leave) setTimeout(() => console.log('left\\nbehind'), 100);
      else { console.log('mine'); await new Promise((r) => setTimeout(r, 400)); }
    };`,
  );
  const first = await world.function.invoke('{"leave":true}');
  const second = await world.function.invoke('{}');
  await until(() => world.lines.length === 3, 'all lines are in');
  expect(first.logTail).not.toContain('left');
  expect(second.logTail).toContain('mine');
  expect(second.logTail).not.toMatch(/left|behind/);
  expect(world.lines).toEqual([
    'mine',
    `left [written after the response of ${first.requestId}]`,
    `behind [written after the response of ${first.requestId}]`,
  ]);
});

test('a thrown error is logged with the request id', async () => {
  await using world = functionWorld('export const handler = async () => { throw new Error("boom"); };');
  const { requestId, logTail } = await world.function.invoke('{}');
  expect(logTail).toMatch(
    new RegExp(`\\t${requestId}\\tERROR\\tInvoke Error\\t\\{"errorType":"Error","errorMessage":"boom"`),
  );
});
