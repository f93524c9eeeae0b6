import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ThrottledError } from '../../../localstack/functions/throttled-error.ts';
import { functionWorld } from './world.ts';

describe('results', () => {
  test('the answer comes back as JSON and the process stays warm for the next invocation', async () => {
    await using world = functionWorld('let n = 0; export const handler = async (event) => ({ got: event, n: ++n });');
    const first = await world.function.invoke('{"value":"ä\\u0000\\n"}');
    const second = await world.function.invoke('[1]');
    expect(JSON.parse(first.payload)).toEqual({ got: { value: 'ä\0\n' }, n: 1 });
    expect(JSON.parse(second.payload)).toEqual({ got: [1], n: 2 });
    expect(first).not.toHaveProperty('functionError');
    expect(second.requestId).not.toBe(first.requestId);
    expect(world.function.stats()).toMatchObject({ invocations: 2, errors: 0, throttles: 0, running: 0, processes: 1 });
  });

  test('an answer of undefined is null', async () => {
    await using world = functionWorld('export const handler = async () => {};');
    expect((await world.function.invoke('{}')).payload).toBe('null');
  });

  test('an event of 6 MB and an answer of 6 MB pass unchanged', async () => {
    await using world = functionWorld('export const handler = async (event) => event;', { memoryMegabytes: 512 });
    const payload = JSON.stringify({ body: 'x"\\é'.repeat(700_000) });
    expect(Buffer.byteLength(payload)).toBeGreaterThan(4_900_000);
    expect((await world.function.invoke(payload)).payload).toBe(payload);
  });

  test('an answer over 6 MB is Function.ResponseSizeTooLarge and the process stays warm', async () => {
    await using world = functionWorld('export const handler = async ({ n }) => "x".repeat(n);', {
      memoryMegabytes: 512,
    });
    const large = await world.function.invoke('{"n":6291600}');
    expect(large.functionError).toBe('Unhandled');
    expect(JSON.parse(large.payload).errorType).toBe('Function.ResponseSizeTooLarge');
    expect((await world.function.invoke('{"n":1}')).payload).toBe('"x"');
    expect(world.function.stats().processes).toBe(1);
  });

  test('concurrent invocations run in processes of their own', async () => {
    await using world = functionWorld(
      'export const handler = async () => { await new Promise((r) => setTimeout(r, 300)); return process.pid; };',
    );
    const answers = await Promise.all([1, 2, 3].map(() => world.function.invoke('{}')));
    expect(new Set(answers.map((answer) => answer.payload)).size).toBe(3);
    expect(world.function.stats().processes).toBe(3);
  });
});

describe('the handler', () => {
  test.each([
    ['index.mjs', 'export const handler = async () => import.meta.url.slice(-3);', '"mjs"'],
    ['index.cjs', 'exports.handler = async () => typeof module;', '"object"'],
    ['index.js', 'module.exports = { handler: async () => __filename.slice(-8) };', '"index.js"'],
    ['index.js', 'export const handler = async () => "module syntax";', '"module syntax"'],
    ['index.js', 'export const handler = async () => value; const value = await 7;', '7'],
  ])('is found in %s: %s', async (file, source, expected) => {
    await using world = functionWorld(source, { file });
    expect((await world.function.invoke('{}')).payload).toBe(expected);
  });

  test('is found below a directory of the bundle and in nested exports', async () => {
    await using world = functionWorld('', { handler: 'src/functions/jobs.api.handler' });
    const directory = path.join(world.function.configuration.codeDirectory, 'src/functions');
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, 'jobs.cjs'), 'exports.api = { handler: async () => "nested" };');
    expect((await world.function.invoke('{}')).payload).toBe('"nested"');
  });

  test.each([
    ['missing.handler', 'Runtime.ImportModuleError', /Cannot find module 'missing'/],
    ['index.other', 'Runtime.HandlerNotFound', /index\.other is undefined or not exported/],
    ['index.number', 'Runtime.HandlerNotFound', /index\.number is not a function/],
    ['index', 'Runtime.MalformedHandlerName', /Bad handler 'index'/],
  ])('%s is refused with %s', async (handler, errorType, message) => {
    await using world = functionWorld('export const number = 1;', { handler });
    const { payload, functionError } = await world.function.invoke('{}');
    expect(functionError).toBe('Unhandled');
    expect(JSON.parse(payload)).toMatchObject({ errorType, errorMessage: expect.stringMatching(message) });
  });

  test('with a callback and no promise is Runtime.CallbackHandlerDeprecated', async () => {
    await using world = functionWorld('export const handler = (event, context, callback) => callback(null, 1);');
    const { payload, functionError } = await world.function.invoke('{}');
    expect(functionError).toBe('Unhandled');
    expect(JSON.parse(payload).errorType).toBe('Runtime.CallbackHandlerDeprecated');
  });
});

describe('errors', () => {
  test('a thrown error is described with its trace and the process stays warm', async () => {
    await using world = functionWorld(
      'export const handler = async (event) => { if (event.bad) throw new RangeError("too far"); return process.pid; };',
    );
    const before = await world.function.invoke('{}');
    const { payload, functionError } = await world.function.invoke('{"bad":true}');
    expect(functionError).toBe('Unhandled');
    expect(JSON.parse(payload)).toEqual({
      errorType: 'RangeError',
      errorMessage: 'too far',
      trace: expect.arrayContaining(['RangeError: too far', expect.stringContaining('index.mjs')]),
    });
    expect((await world.function.invoke('{}')).payload).toBe(before.payload);
    expect(world.function.stats()).toMatchObject({ errors: 1, processes: 1 });
  });

  test('a thrown string and an answer that is no JSON are errors too', async () => {
    await using world = functionWorld('export const handler = async (e) => { if (e.text) throw "plain"; return 1n; };');
    expect(JSON.parse((await world.function.invoke('{"text":1}')).payload)).toEqual({
      errorType: 'string',
      errorMessage: 'plain',
      trace: [],
    });
    expect(JSON.parse((await world.function.invoke('{}')).payload).errorMessage).toBe(
      'Unable to stringify response body',
    );
  });

  test('an error while loading is reported for the invocation and the process is discarded', async () => {
    await using world = functionWorld('throw new TypeError("no table name"); export const handler = 1;');
    const { payload, functionError } = await world.function.invoke('{}');
    expect(functionError).toBe('Unhandled');
    expect(JSON.parse(payload)).toMatchObject({ errorType: 'TypeError', errorMessage: 'no table name' });
    expect(world.function.stats().processes).toBe(0);
    expect(JSON.parse((await world.function.invoke('{}')).payload).errorType).toBe('TypeError');
  });

  test('a bundle that is gone rejects with the reason instead of hanging', async () => {
    await using world = functionWorld('', { codeDirectory: '/nowhere/at/all' });
    await expect(world.function.invoke('{}')).rejects.toThrow(/Could not start a process for function worker/);
    expect(world.function.stats()).toMatchObject({ running: 0, processes: 0 });
  });
});

describe('limits', () => {
  test('at reserved concurrency the next invocation is throttled and the running one is not disturbed', async () => {
    await using world = functionWorld(
      'export const handler = async () => { await new Promise((r) => setTimeout(r, 200)); return 1; };',
      { reservedConcurrency: 1 },
    );
    const running = world.function.invoke('{}');
    await expect(world.function.invoke('{}')).rejects.toThrow(ThrottledError);
    expect((await running).payload).toBe('1');
    expect((await world.function.invoke('{}')).payload).toBe('1');
    expect(world.function.stats()).toMatchObject({ invocations: 2, throttles: 1, processes: 1 });
  });

  test('reserved concurrency 0 refuses every invocation', async () => {
    await using world = functionWorld('export const handler = async () => 1;', { reservedConcurrency: 0 });
    await expect(world.function.invoke('{}')).rejects.toThrow(/reserved concurrency/);
  });

  test('after close nothing runs and invocations are refused', async () => {
    await using world = functionWorld('export const handler = () => new Promise(() => {});');
    const running = world.function.invoke('{}');
    await world.function.close();
    expect(JSON.parse((await running).payload).errorType).toBe('Runtime.ExitError');
    expect(world.function.stats()).toMatchObject({ running: 0, processes: 0 });
    await expect(world.function.invoke('{}')).rejects.toThrow(/closed/);
  });
});
