import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { EnvironmentReader } from '../../src/env.ts';
import webhook from '../../src/jobs/webhook.ts';
import { type DeadLetterReason, REASON_ATTRIBUTE } from '../../src/queues/reason.ts';
import { startWorld, type World } from '../world.ts';

interface Delivery {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

let world: World;
let receiver: Server;
let origin: string;
let deliveries: Delivery[];
let respond: (delivery: Delivery) => { status: number; headers?: Record<string, string> } | 'hang' | 'reset';

beforeEach(async () => {
  deliveries = [];
  respond = () => ({ status: 200 });
  receiver = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const delivery = { path: request.url ?? '', headers: request.headers, body };
    deliveries.push(delivery);
    const said = respond(delivery);
    if (said === 'hang') return;
    if (said === 'reset') return void request.socket.destroy();
    response.writeHead(said.status, said.headers).end('thanks');
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  world = await startWorld();
});

afterEach(async () => {
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  await world.close();
});

const settings = (allowed = '127.0.0.1', privateAddresses = 'allow') =>
  webhook.settings(
    new EnvironmentReader({ WEBHOOK_ALLOWED_HOSTS: allowed, WEBHOOK_PRIVATE_ADDRESSES: privateAddresses }),
  );

const job = (id: string, url = `${origin}/hook`) => ({
  type: 'webhook',
  job_id: id,
  url,
  payload: { hello: ['wörld', 1] },
});

/** Retries come back at once, so that a test sees them. */
const quick = { ...webhook, retry: { baseMs: 1, capMs: 1, attempts: 3 } };

async function reasons(): Promise<DeadLetterReason[]> {
  const letters = await world.deadLetters();
  return letters.map(({ MessageAttributes }) =>
    JSON.parse(MessageAttributes?.[REASON_ATTRIBUTE]?.StringValue ?? 'null'),
  );
}

test('delivers the payload as JSON by POST with an Idempotency-Key, and stores the status', async () => {
  await world.send([job('w1')]);
  const { failed } = await world.worker({ webhook }, { settings: settings() })(await world.receive());
  expect(failed).toEqual([]);
  expect(deliveries).toHaveLength(1);
  expect(deliveries[0]).toMatchObject({
    path: '/hook',
    body: '{"hello":["wörld",1]}',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'w1', 'sluice-fencing-token': '1' },
  });
  expect((await world.items()).get('w1')).toMatchObject({ Status: 'done', Result: { status: 200 }, Type: 'webhook' });
});

test('a duplicate is not delivered again: in the same batch, and later', async () => {
  const worker = world.worker({ webhook }, { settings: settings() });
  await world.send([job('w1'), job('w1'), job('w2')]);
  const first = await worker(await world.receive());
  await world.send([job('w1')]);
  const second = await worker(await world.receive());
  expect([...first.failed, ...second.failed]).toEqual([]);
  expect(deliveries.map(({ headers }) => headers['idempotency-key']).sort()).toEqual(['w1', 'w2']);
});

test('a duplicate that meets a live lease is deferred, not failed, and is not delivered', async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow = {
    ...webhook,
    handle: async (...args: Parameters<typeof webhook.handle>) => gate.then(() => webhook.handle(...args)),
  };
  await world.send([job('w1')]);
  const running = world.worker({ webhook: slow }, { settings: settings() })(await world.receive());
  await delay(100);
  await world.send([job('w1')]);
  const { report } = await world.worker({ webhook }, { settings: settings() })(await world.receive());
  open();
  expect(report.verdicts).toMatchObject({ deferred: 1, retry: 0, dead: 0 });
  expect((await running).report.verdicts.done).toBe(1);
  expect(deliveries).toHaveLength(1);
});

test.each([500, 502, 503, 429])('an answer of %d is tried again, and then delivered once', async (status) => {
  respond = () => ({ status: deliveries.length === 1 ? status : 204 });
  const worker = world.worker({ webhook: quick }, { settings: settings() });
  await world.send([job('w1')]);
  expect((await worker(await world.receive())).report.verdicts.retry).toBe(1);
  expect((await world.items()).get('w1')?.Status).toBe('failed');
  await delay(1_100);
  expect((await worker(await world.receive())).report.verdicts.done).toBe(1);
  expect((await world.items()).get('w1')).toMatchObject({ Result: { status: 204 }, FencingToken: 2 });
});

test.each([400, 401, 404, 410, 422])(
  'an answer of %d is dead-lettered at once, its neighbour delivered',
  async (status) => {
    respond = ({ path }) => ({ status: path === '/gone' ? status : 200 });
    await world.send([job('bad', `${origin}/gone`), job('good')]);
    const { failed } = await world.worker({ webhook }, { settings: settings() })(await world.receive());
    expect(failed).toEqual([]);
    expect(await reasons()).toMatchObject([
      { jobId: 'bad', kind: 'permanent', message: `POST ${origin}/gone answered ${status}` },
    ]);
    const items = await world.items();
    expect([items.get('bad')?.Status, items.get('good')?.Status]).toEqual(['dead', 'done']);
  },
);

test('a redirect is not followed', async () => {
  respond = () => ({ status: 302, headers: { location: 'http://169.254.169.254/' } });
  await world.send([job('w1')]);
  await world.worker({ webhook }, { settings: settings() })(await world.receive());
  expect((await reasons())[0]?.message).toMatch(/answered 302: redirects are not followed/);
  expect(deliveries).toHaveLength(1);
});

test('a broken connection is tried again', async () => {
  respond = () => 'reset';
  await world.send([job('w1')]);
  const { report } = await world.worker({ webhook }, { settings: settings() })(await world.receive());
  expect(report.verdicts.retry).toBe(1);
});

test('a receiver that does not answer is given up at the time limit', async () => {
  respond = () => 'hang';
  await world.send([job('w1')]);
  const began = performance.now();
  const { report } = await world.worker(
    { webhook: { ...webhook, timeLimitMs: 200 } },
    { settings: settings() },
  )(await world.receive());
  expect(report.verdicts.retry).toBe(1);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test('Retry-After of the receiver delays the next delivery', async () => {
  respond = () => ({ status: 429, headers: { 'retry-after': '2' } });
  await world.send([job('w1')]);
  await world.worker({ webhook: quick }, { settings: settings() })(await world.receive());
  await delay(1_300);
  expect(await world.receive()).toEqual([]);
  await delay(1_000);
  expect(await world.receive()).toHaveLength(1);
});

test('a job that ended dead runs again when it is redriven after the repair, also with a mended payload', async () => {
  respond = () => ({ status: deliveries.length === 1 ? 404 : 200 });
  const worker = world.worker({ webhook }, { settings: settings() });
  await world.send([job('w1')]);
  await worker(await world.receive());
  await world.send([{ ...job('w1'), payload: 'mended' }]);
  expect((await worker(await world.receive())).report.verdicts.done).toBe(1);
  expect(deliveries.map(({ body }) => body)).toEqual(['{"hello":["wörld",1]}', '"mended"']);
});

test.each<[string, string, string, RegExp]>([
  ['a host that is not allowed', 'example.com', 'http://example.org/x', /example\.org is not in WEBHOOK_ALLOWED_HOSTS/],
  ['any host while none is allowed', '', 'http://example.org/x', /not in WEBHOOK_ALLOWED_HOSTS/],
  [
    'a host that only ends like an allowed one',
    '*.example.com',
    'http://notexample.com/',
    /not in WEBHOOK_ALLOWED_HOSTS/,
  ],
  ['a port that is not allowed', '127.0.0.1:1', 'http://127.0.0.1:2/', /127\.0\.0\.1:2 is not in/],
  ['loopback', '127.0.0.1', 'http://127.0.0.1/', /127\.0\.0\.1 \(loopback\)/],
  ['loopback written as a number', '127.0.0.1', 'http://2130706433/', /\(loopback\)/],
  ['the metadata service', '169.254.169.254', 'http://169.254.169.254/latest', /\(linkLocal\)/],
  ['a private network', '10.1.2.3', 'http://10.1.2.3/', /\(private\)/],
  ['IPv6 loopback', '[::1]', 'http://[::1]/', /\(loopback\)/],
  ['IPv6 unique local', '[fd00::1]', 'http://[fd00::1]/', /\(uniqueLocal\)/],
  ['IPv4 mapped into IPv6', '[::ffff:7f00:1]', 'http://[::ffff:127.0.0.1]/', /\(ipv4Mapped\)/],
  [
    'a name that resolves to a private address',
    'localhost',
    'http://localhost/',
    /localhost resolves to .* \(loopback\)/,
  ],
])('%s is refused for good and nothing is sent', async (_name, allowed, url, message) => {
  const port = new URL(origin).port;
  await world.send([job('w1', url.replace('localhost/', `localhost:${port}/`))]);
  await world.worker({ webhook }, { settings: settings(allowed, 'refuse') })(await world.receive());
  expect((await reasons())[0]).toMatchObject({ kind: 'permanent', message: expect.stringMatching(message) });
  expect(deliveries).toEqual([]);
});

test.each([
  ['hooks.example.com', '*.example.com'],
  ['example.com', 'example.com:443,other'],
  ['EXAMPLE.com', 'example.COM'],
])('%s is allowed by %s', async (host, allowed) => {
  const refused = webhook.handle(
    { type: 'webhook', job_id: 'x', url: `https://${host}/`, payload: {} },
    {
      signal: AbortSignal.abort(new Error('stop here')),
      slot: 1,
      attempt: 1,
      fencingToken: 1,
      settings: settings(allowed, 'refuse'),
    },
  );
  await expect(refused).rejects.toThrow(/stop here|aborted/);
});

test('an id that no header can hold travels percent-encoded', async () => {
  await world.send([job('é\n1')]);
  await world.worker({ webhook }, { settings: settings() })(await world.receive());
  expect(deliveries[0]?.headers['idempotency-key']).toBe('%C3%A9%0A1');
});
