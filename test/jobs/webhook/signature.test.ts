import { EnvironmentReader } from '../../../src/env.ts';
import { readSecret, webhookHeaders } from '../../../src/jobs/webhook/signature.ts';
import webhook from '../../../src/jobs/webhook.ts';

/** The example that the verifying libraries of Standard Webhooks test themselves with. */
test('a receiver with a library of Standard Webhooks accepts the signature', () => {
  const secret = readSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  const delivery = {
    hostname: 'hooks.example.com',
    jobId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    body: '{"test": 2432232314}',
    now: 1_614_265_330_999,
  };
  expect(webhookHeaders(delivery, secret ? [secret] : [])).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test.each(['a.b', 'with space', 'é', 'x'.repeat(129), '\ud800'])(
  'the id %j is signed as its hash: a dot in it could shift what is signed',
  (jobId) => {
    const { 'webhook-id': id } = webhookHeaders({ hostname: 'h', jobId, body: '', now: 0 }, []);
    expect(id).toMatch(/^sha256-[\w-]{43}$/);
  },
);

test.each([
  ['no prefix', Buffer.alloc(32).toString('base64')],
  ['too few bytes', `whsec_${Buffer.alloc(23).toString('base64')}`],
  ['too many bytes', `whsec_${Buffer.alloc(65).toString('base64')}`],
  ['no base64', 'whsec_SECRET!SECRET!SECRET!SECRET!SECRET!'],
  ['base64 that was cut', `whsec_${'A'.repeat(33)}`],
  ['a private key', `whsk_${Buffer.alloc(32).toString('base64')}`],
  ['no host before =', `=whsec_${Buffer.alloc(32).toString('base64')}`],
])('a secret with %s is an error at the cold start that does not print it', (_name, text) => {
  const read = new EnvironmentReader({ WEBHOOK_SECRETS: `whsec_${Buffer.alloc(24).toString('base64')},${text}` });
  webhook.settings(read);
  const message = /WEBHOOK_SECRETS: value 2 of 2 is not whsec_<base64 of 24 to 64 bytes>/;
  expect(() => read.check()).toThrow(message);
  try {
    read.check();
  } catch (error) {
    expect(String(error)).not.toContain(text);
  }
});

test.each([24, 32, 64])('a secret of %d bytes is one, with and without padding', (bytes) => {
  const text = `whsec_${Buffer.alloc(bytes, 255).toString('base64')}`;
  for (const written of [text, text.replace(/=+$/, '')]) expect(readSecret(written)?.key).toHaveLength(bytes);
});

test.each([
  'exa mple.com',
  'ftp://example.com',
  '*',
  'https://',
  'example.com/path',
  'u:p@example.com',
  'a.*.com',
  'x:999999',
])('the allowed host %j is an error at the cold start', (text) => {
  const read = new EnvironmentReader({ WEBHOOK_ALLOWED_HOSTS: text });
  webhook.settings(read);
  expect(() => read.check()).toThrow(/WEBHOOK_ALLOWED_HOSTS: value 1 of 1 is not host, host:port/);
});
