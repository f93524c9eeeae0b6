import { request } from 'node:http';
import { behaviourOf, Receiver } from '../../demo/receiver.ts';

async function withReceiver(work: (receiver: Receiver, url: string) => Promise<void>): Promise<void> {
  const receiver = new Receiver();
  try {
    await work(receiver, await receiver.listen());
  } finally {
    await receiver.close();
  }
}

async function post(url: string, key: string, body = '{}'): Promise<Response> {
  const headers = { 'idempotency-key': key, 'sluice-fencing-token': '1' };
  const response = await fetch(url, { method: 'POST', headers, body });
  await response.text();
  return response;
}

describe('the receiver', () => {
  test.each([
    ['/ok', [200, 200]],
    ['/flaky/503/1', [503, 200]],
    ['/flaky/503/2', [503, 503, 200]],
    ['/flaky/429/1', [429, 200]],
    ['/gone/404', [404, 404, 404]],
    ['/gone/400', [400, 400, 400]],
    ['/down', [503, 503, 503, 503, 503]],
  ])('answers %s with %p', (path, statuses) =>
    withReceiver(async (_, url) => {
      for (const status of statuses) expect((await post(url + path, 'a')).status).toBe(status);
    }),
  );

  test('asks for a second with each 429', () =>
    withReceiver(async (_, url) => {
      expect((await post(`${url}/flaky/429/1`, 'a')).headers.get('retry-after')).toBe('1');
    }));

  test('drops the connection where a path says so, then answers', () =>
    withReceiver(async (_, url) => {
      await expect(post(`${url}/flaky/reset/1`, 'a')).rejects.toThrow('fetch failed');
      expect((await post(`${url}/flaky/reset/1`, 'a')).status).toBe(200);
    }));

  test('counts attempts by key, so that one job does not use up another one’s failures', () =>
    withReceiver(async (_, url) => {
      expect((await post(`${url}/flaky/503/1`, 'a')).status).toBe(503);
      expect((await post(`${url}/flaky/503/1`, 'b')).status).toBe(503);
      expect((await post(`${url}/flaky/503/1`, 'a')).status).toBe(200);
    }));

  test.each(['/gone/404', '/gone/400', '/down', '/flaky/503/2', '/flaky/reset/2'])(
    'answers 200 to %s after the repair',
    (path) =>
      withReceiver(async (receiver, url) => {
        receiver.repair();
        expect((await post(url + path, 'a')).status).toBe(200);
      }),
  );

  test('remembers successful deliveries only, each with its body and token, doubled ones twice', () =>
    withReceiver(async (receiver, url) => {
      await post(`${url}/flaky/503/1`, 'flaky', '"first"');
      await post(`${url}/flaky/503/1`, 'flaky', '"second"');
      await post(`${url}/gone/404`, 'gone');
      await post(`${url}/ok`, 'twice', '1');
      await post(`${url}/ok`, 'twice', '1');
      expect([...receiver.deliveries.keys()]).toEqual(['flaky', 'twice']);
      expect(receiver.deliveries.get('flaky')).toEqual([{ at: expect.any(Number), body: '"second"', fencingToken: 1 }]);
      expect(receiver.deliveries.get('twice')).toHaveLength(2);
    }));

  test('does not count a request whose sender went away before it was complete', () =>
    withReceiver(async (receiver, url) => {
      await new Promise<void>((resolve) => {
        const options = { method: 'POST', headers: { 'idempotency-key': 'a', 'content-length': '10' } };
        const started = request(`${url}/ok`, options).on('error', () => resolve());
        started.write('12345', () => started.destroy(new Error('gone')));
      });
      await post(`${url}/ok`, 'b');
      expect([...receiver.deliveries.keys()]).toEqual(['b']);
    }));

  test('says when so many deliveries are out, once', () =>
    withReceiver(async (receiver, url) => {
      let calls = 0;
      receiver.onceDelivered(2, () => {
        calls += 1;
        expect([...receiver.deliveries.keys()]).toEqual(['a', 'b']);
      });
      for (const key of ['a', 'b', 'c']) await post(`${url}/ok`, key);
      expect(calls).toBe(1);
    }));
});

test('a path that names no behaviour is answered 200', () => {
  expect(behaviourOf('/', 1, false)).toEqual({ status: 200 });
});
