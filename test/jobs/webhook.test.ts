import { createHmac, hash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { EnvironmentReader } from '../../src/env.ts';
import triple from '../../src/jobs/triple.ts';
import webhook from '../../src/jobs/webhook.ts';
import { type DeadLetterReason, REASON_ATTRIBUTE } from '../../src/queues/reason.ts';
import { jobContext } from '../job-context.ts';
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
let respond: (
  delivery: Delivery,
) =>
  | { status: number; headers?: Record<string, string>; afterMs?: number; ended?: () => unknown }
  | 'hang'
  | 'reset'
  | 'trickle'
  | 'broken-body';

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
    if (said === 'trickle') return void response.writeHead(200).write('on and on');
    if (said === 'broken-body') {
      response.writeHead(200, { 'content-length': '1000' }).write('part');
      return void setTimeout(() => request.socket.destroy(), 5);
    }
    if (said.afterMs) await delay(said.afterMs);
    said.ended?.();
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

const settings = (allowed = 'http://127.0.0.1:*', privateAddresses = 'allow', more = {}) => {
  const variables = { WEBHOOK_ALLOWED_HOSTS: allowed, WEBHOOK_PRIVATE_ADDRESSES: privateAddresses, ...more };
  const read = new EnvironmentReader(variables);
  const made = webhook.settings(read);
  read.check();
  return made;
};

const job = (id: string, url = `${origin}/hook`) => ({
  type: 'webhook',
  job_id: id,
  url,
  payload: { hello: ['wörld', 1] },
});

/** The first eight digits of `printf /gone | sha256sum`. */
const PATH_OF_GONE = `0x${hash('sha256', '/gone').slice(0, 8)}`;

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
      { jobId: 'bad', kind: 'permanent', message: `POST ${origin} answered ${status} (path ${PATH_OF_GONE})` },
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

describe('a receiver that answers slowly', () => {
  const slow = { ...webhook, timeLimitMs: 3_000 };
  const ids = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

  test('takes half of the slots, and who goes elsewhere neither waits for it nor is deferred', async () => {
    respond = ({ path }) => (path === '/slow' ? 'hang' : { status: 200 });
    const quick = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => quick.listen(0, '127.0.0.1', resolve));
    const elsewhere = `http://127.0.0.1:${(quick.address() as AddressInfo).port}/`;
    await world.send([
      ...ids(60, 'slow').map((id) => job(id, `${origin}/slow`)),
      ...ids(30, 'quick').map((id) => job(id, elsewhere)),
      ...ids(30, 'triple').map((job_id) => ({ job_id, value: 1 })),
    ]);
    const worker = world.worker({ webhook: slow, triple }, { settings: settings() });
    const { report } = await worker(await world.receive());
    await new Promise((resolve) => quick.close(resolve));
    const { verdicts } = report;
    expect(verdicts).toMatchObject({ done: 60, dead: 0, notStarted: 0 });
    // Two rounds of five fit into the invocation, if the second is quick enough to take over.
    expect([5, 10]).toContain(verdicts.retry);
    expect(verdicts.retry + verdicts.deferred).toBe(60);
    expect(deliveries).toHaveLength(verdicts.retry);
  });

  test('has its turn with all that waits for it where nobody else needs the slots', async () => {
    respond = () => ({ status: 200, afterMs: 1_200 });
    await world.send(ids(15, 'w').map((id) => job(id)));
    const { report } = await world.worker({ webhook }, { settings: settings() })(await world.receive(), {
      remainingMs: 30_000,
    });
    expect(report.verdicts).toMatchObject({ done: 15, deferred: 0 });
  });

  test('is given no more at once, and all of it where it is only a little slow', async () => {
    let running = 0;
    let most = 0;
    respond = () => {
      running += 1;
      most = Math.max(most, running);
      return { status: 200, afterMs: 20, ended: () => (running -= 1) };
    };
    await world.send(ids(60, 'w').map((id) => job(id)));
    const { report } = await world.worker({ webhook }, { settings: settings() })(await world.receive());
    expect(report.verdicts).toMatchObject({ done: 60, deferred: 0 });
    expect(most).toBe(5);
  });
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
  expect(performance.now() - began).toBeLessThan(8_000);
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
  [
    'a host that is not allowed',
    'example.com',
    'https://example.org/x',
    /https:\/\/example\.org is not in WEBHOOK_ALLOWED_HOSTS/,
  ],
  ['any host while none is allowed', '', 'https://example.org/x', /not in WEBHOOK_ALLOWED_HOSTS/],
  ['a host that only ends like an allowed one', '*.example.com', 'https://notexample.com/', /not in WEBHOOK_ALLOWED/],
  ['a domain whose names are allowed', '*.example.com', 'https://example.com/', /not in WEBHOOK_ALLOWED_HOSTS/],
  ['http to a host that is allowed', 'example.com', 'http://example.com/', /http:\/\/example\.com is not in/],
  ['another port than 443', 'example.com', 'https://example.com:8443/', /https:\/\/example\.com:8443 is not in/],
  ['https where http is allowed', 'http://example.com:443', 'https://example.com/', /https:\/\/example\.com is not in/],
  ['a port that is not allowed', 'http://127.0.0.1:1', 'http://127.0.0.1:2/', /127\.0\.0\.1:2 is not in/],
  [
    'a user and a password',
    'example.com',
    'https://tom:secret@example.com/',
    /^the url to https:\/\/example\.com holds a user/,
  ],
  ['no URL at all', 'example.com', 'https://', /^the url is not one that can be read$/],
  ['loopback', 'http://127.0.0.1', 'http://127.0.0.1/', /127\.0\.0\.1 \(loopback\)/],
  ['loopback written as a number', 'http://127.0.0.1', 'http://2130706433/', /\(loopback\)/],
  ['the metadata service', 'http://169.254.169.254', 'http://169.254.169.254/latest', /\(linkLocal\)/],
  ['a private network', '10.1.2.3', 'https://10.1.2.3/', /\(private\)/],
  ['IPv6 loopback', '[::1]', 'https://[::1]/', /\(loopback\)/],
  ['IPv6 unique local', '[fd00::1]', 'https://[fd00::1]/', /\(uniqueLocal\)/],
  ['IPv4 mapped into IPv6', '[::ffff:7f00:1]', 'https://[::ffff:127.0.0.1]/', /\(ipv4Mapped\)/],
  ['IPv6 beyond 2000::/3', '[4000::1]', 'https://[4000::1]/', /\(reserved\)/],
  ['IPv4-compatible IPv6', '[::7f00:1]', 'https://[::127.0.0.1]/', /\(reserved\)/],
  ['IPv6 for documentation', '[2001:db8::1]', 'https://[2001:db8::1]/', /\(reserved\)/],
  ['more IPv6 for documentation', '[3fff::1]', 'https://[3fff::1]/', /\(reserved\)/],
  ['6to4 with a private address in it', '[2002:a00:1::]', 'https://[2002:a00:1::]/', /\(6to4\)/],
  ['Teredo', '[2001:0:a00::1]', 'https://[2001:0:a00::1]/', /\(teredo\)/],
  ['NAT64', '[64:ff9b::a00:1]', 'https://[64:ff9b::a00:1]/', /\(rfc6052\)/],
  [
    'a name that resolves to a private address',
    'http://localhost:*',
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

test('nothing of a URL but its host is in reasons and errors: hooks keep their secret in the path', async () => {
  const secrets = ['PATHSECRET', 'QUERYSECRET', 'USERSECRET', 'PASSSECRET', 'FRAGMENTSECRET'];
  const tail = '/PATHSECRET?key=QUERYSECRET#FRAGMENTSECRET';
  respond = ({ path }) => ({ status: path.includes('moved') ? 302 : path.includes('down') ? 503 : 404 });
  await world.send([
    job('gone', `${origin}/gone${tail}`),
    job('moved', `${origin}/moved${tail}`),
    job('down', `${origin}/down${tail}`),
    job('user', `http://USERSECRET:PASSSECRET@127.0.0.1${tail}`),
    job('foreign', `https://elsewhere.example${tail}`),
    job('broken', `http://USERSECRET:PASSSECRET@[${tail}`),
    job('nobody', `http://127.0.0.1:1${tail}`),
  ]);
  const once = { ...webhook, retry: { ...webhook.retry, attempts: 1 } };
  await world.worker({ webhook: once }, { settings: settings() })(await world.receive());
  const said = await reasons();
  expect(said.map(({ jobId }) => jobId).sort()).toEqual([
    'broken',
    'down',
    'foreign',
    'gone',
    'moved',
    'nobody',
    'user',
  ]);
  for (const secret of secrets) expect(JSON.stringify(said)).not.toContain(secret);
});

describe('signed deliveries', () => {
  const secret = (fill: number) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`;
  const signatureOf = ({ headers, body }: Delivery, fill: number) =>
    `v1,${createHmac('sha256', Buffer.alloc(32, fill))
      .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
      .digest('base64')}`;
  const deliver = async (secrets: string, id = 'w1') => {
    await world.send([job(id)]);
    const variables = { WEBHOOK_SECRETS: secrets };
    await world.worker({ webhook }, { settings: settings(undefined, 'allow', variables) })(await world.receive());
    return deliveries.at(-1) as Delivery;
  };

  test('carry id, time and signature of the Standard Webhooks scheme', async () => {
    const delivery = await deliver(secret(1));
    expect(delivery.headers).toMatchObject({
      'webhook-id': 'w1',
      'webhook-signature': signatureOf(delivery, 1),
      'idempotency-key': 'w1',
    });
    expect(Math.abs(Number(delivery.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(5);
  });

  test('carry a signature for each secret, while one takes over from another', async () => {
    const delivery = await deliver(`${secret(1)}, ${secret(2)}`);
    expect(delivery.headers['webhook-signature']).toBe(`${signatureOf(delivery, 1)} ${signatureOf(delivery, 2)}`);
  });

  test('are signed with a host’s own secrets alone where it has some', async () => {
    const delivery = await deliver(`${secret(1)},127.0.0.1=${secret(2)},other.example=${secret(3)}`);
    expect(delivery.headers['webhook-signature']).toBe(signatureOf(delivery, 2));
  });

  test('have no signature without a secret', async () => {
    const { headers } = await deliver('');
    expect(headers).toMatchObject({ 'webhook-id': 'w1', 'webhook-timestamp': expect.stringMatching(/^\d{10}$/) });
    expect(headers).not.toHaveProperty('webhook-signature');
  });

  test('have the same id on every try', async () => {
    respond = () => ({ status: deliveries.length === 1 ? 503 : 200 });
    const worker = world.worker({ webhook: quick }, { settings: settings() });
    await world.send([job('é.1')]);
    await worker(await world.receive());
    await delay(1_100);
    await worker(await world.receive());
    const ids = deliveries.map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual([expect.stringMatching(/^sha256-[\w-]{43}$/), ids[0]]);
  });
});

test('an answer whose body never ends counts at its status, and holds no slot', async () => {
  respond = () => 'trickle';
  const began = performance.now();
  await world.send([job('w1')]);
  const { report } = await world.worker({ webhook }, { settings: settings() })(await world.receive());
  expect(report.verdicts.done).toBe(1);
  expect(performance.now() - began).toBeLessThan(8_000);
});

test('a connection that breaks after the status changes nothing of the delivery', async () => {
  respond = () => 'broken-body';
  await world.send([job('w1')]);
  const { report } = await world.worker({ webhook }, { settings: settings() })(await world.receive());
  expect(report.verdicts.done).toBe(1);
});

test.each([
  ['hooks.example.com', '*.example.com'],
  ['example.com', 'example.com:443,other'],
  ['EXAMPLE.com', 'example.COM'],
  ['example.com:8443', 'example.com:8443'],
  ['example.com:8443', '*.example.org, example.com:*'],
])('%s is allowed by %s', async (host, allowed) => {
  const refused = webhook.handle(
    { type: 'webhook', job_id: 'x', url: `https://${host}/`, payload: {} },
    jobContext({ signal: AbortSignal.abort(new Error('stop here')), settings: settings(allowed, 'refuse') }),
  );
  await expect(refused).rejects.toThrow(/stop here|aborted/);
});

test('an id that no header can hold travels percent-encoded', async () => {
  await world.send([job('é\n1')]);
  await world.worker({ webhook }, { settings: settings() })(await world.receive());
  expect(deliveries[0]?.headers['idempotency-key']).toBe('%C3%A9%0A1');
});
