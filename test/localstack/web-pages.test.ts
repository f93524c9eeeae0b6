import { request } from 'node:http';
import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { cloudWith, functionResource, queueResource, type World } from './cloud-under-test.ts';

interface Sent {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** By hand: fetch sets no Host and no Origin. */
function send({ cloud }: World, { method = 'GET', path = '/', headers = {}, body = '' }: Sent) {
  const { port } = new URL(cloud.endpoint);
  return new Promise<{ status: number; type: string; text: string }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text });
    });
    sent.on('error', reject).end(body);
  });
}

const purge = (world: World) =>
  `/?${new URLSearchParams({ Action: 'PurgeQueue', QueueUrl: world.queueUrl('work') }).toString()}`;
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const invocation = { method: 'POST', path: '/2015-03-31/functions/worker/invocations' };
async function waiting({ sqs, queueUrl }: World): Promise<string | undefined> {
  const AttributeNames = ['ApproximateNumberOfMessages' as const];
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl('work'), AttributeNames }));
  return Attributes?.ApproximateNumberOfMessages;
}

let world: World;

beforeAll(async () => {
  world = await cloudWith({ Queue: queueResource('work'), Function: functionResource('worker') });
  await world.sqs.send(new SendMessageCommand({ QueueUrl: world.queueUrl('work'), MessageBody: 'stays' }));
});

afterAll(() => world[Symbol.asyncDispose]());

describe('a web page cannot drive the cloud', () => {
  test.each<[string, () => Sent]>([
    [
      'an image whose address purges a queue',
      () => ({ path: purge(world), headers: { 'sec-fetch-site': 'cross-site' } }),
    ],
    ['a page of another local port', () => ({ path: purge(world), headers: { 'sec-fetch-site': 'same-site' } })],
    ['a link in a mail', () => ({ path: purge(world), headers: { 'sec-fetch-site': 'none' } })],
    [
      'a form post',
      () => ({
        method: 'POST',
        headers: { ...form, origin: 'https://evil.example' },
        body: purge(world).slice(2),
      }),
    ],
    [
      'a form post of a sandboxed page',
      () => ({ method: 'POST', headers: { ...form, origin: 'null' }, body: purge(world).slice(2) }),
    ],
    [
      'an invocation as text/plain',
      () => ({ ...invocation, headers: { 'content-type': 'text/plain', origin: 'http://evil.example' }, body: '{}' }),
    ],
    ['a preflight', () => ({ ...invocation, method: 'OPTIONS', headers: { origin: 'http://localhost:3000' } })],
    ['DNS rebinding', () => ({ path: purge(world), headers: { host: 'rebound.evil.example:4566' } })],
    [
      'DNS rebinding, same origin',
      () => ({
        method: 'POST',
        headers: { ...form, host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
        body: purge(world).slice(2),
      }),
    ],
    ['a name that only ends like ours', () => ({ path: purge(world), headers: { host: 'evillocalhost:4566' } })],
    ['a name that only begins like ours', () => ({ path: purge(world), headers: { host: '127.0.0.1.evil.example' } })],
    ['userinfo before a foreign host', () => ({ path: purge(world), headers: { host: 'localhost@evil.example' } })],
    ['an object written', () => ({ method: 'PUT', path: '/bucket/key', headers: { 'sec-fetch-site': 'none' } })],
  ])('%s is refused with 403, and nothing happens', async (_name, sent) => {
    const answer = await send(world, sent());
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('localstack/README.md') });
    expect(await waiting(world)).toBe('1');
    expect(world.cloud.functions.get('worker')?.stats().invocations).toBe(0);
  });

  test('the refusal speaks the protocol of the request', async () => {
    const headers = { origin: 'http://evil.example' };
    const json = await send(world, {
      method: 'POST',
      headers: { ...headers, 'x-amz-target': 'DynamoDB_20120810.ListTables' },
      body: '{}',
    });
    expect(JSON.parse(json.text)).toMatchObject({ __type: 'AccessDeniedException', message: expect.any(String) });
    const lambda = await send(world, { ...invocation, headers, body: '{}' });
    expect(JSON.parse(lambda.text)).toMatchObject({ message: expect.any(String) });
    const query = await send(world, { path: purge(world), headers });
    expect(query.text).toMatch(/<ErrorResponse>.*<Code>AccessDenied<\/Code>/s);
    const object = await send(world, { path: '/bucket/key', headers });
    expect(object).toMatchObject({ type: 'application/xml', text: expect.stringMatching(/<Error><Code>AccessDenied/) });
  });
});

describe('tools go on working', () => {
  test.each([
    '127.0.0.1',
    'localhost',
    '[::1]',
    'bucket.localhost',
    'sqs.us-east-1.localhost.localstack.cloud',
    'LOCALHOST.',
  ])('a request to %s is answered, with or without a port', async (name) => {
    const body = 'Action=ListQueues';
    for (const host of [name, `${name}:4566`]) {
      const answer = await send(world, { method: 'POST', headers: { ...form, host }, body });
      expect([host, answer.status]).toEqual([host, 200]);
    }
  });

  test("Node's fetch, the SDK, and an address that somebody types", async () => {
    expect((await fetch(`${world.cloud.endpoint}/?Action=ListQueues`)).status).toBe(200);
    expect(await waiting(world)).toBe('1');
    const typed = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' };
    expect((await send(world, { path: '/_localstack/health', headers: typed })).status).toBe(200);
    expect((await send(world, { path: '/no-bucket/key', headers: typed })).status).toBe(404);
  });
});
