import fc from 'fast-check';
import { EnvironmentReader } from '../../../src/env.ts';
import { PermanentError } from '../../../src/failures/errors.ts';
import webhook from '../../../src/jobs/webhook.ts';
import { jobContext } from '../../job-context.ts';

const CANARY = 'CANARY7f3a';
const settings = webhook.settings(new EnvironmentReader({ WEBHOOK_ALLOWED_HOSTS: 'hooks.example.com' }));
const deliver = (url: string) =>
  Promise.resolve(
    webhook.handle(
      { type: 'webhook', job_id: CANARY, url, payload: CANARY },
      jobContext({ settings, signal: AbortSignal.abort() }),
    ),
  );

/** Pieces of which URLs are made, with the canary wherever a secret may be. */
const piece = fc.oneof(
  fc.constantFrom('http://', 'https://', '//', '@', ':', '/', '?', '#', '\\', '[', ']', '%', ' ', '\t', '\u202e'),
  fc.constantFrom(
    `u:${CANARY}@`,
    `/${CANARY}`,
    `?k=${CANARY}`,
    `#${CANARY}`,
    'elsewhere.example',
    '127.0.0.1',
    '[::1]',
  ),
  fc.string({ unit: 'binary', maxLength: 5 }),
);

test('whatever url a producer writes, it is refused for good, and nothing but its host is said', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const url = `https://${pieces.join('')}`;
      // Where the canary is itself the host there is nothing to hide.
      fc.pre(!URL.parse(url)?.host.includes(CANARY.toLowerCase()));
      const error = await deliver(url).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(PermanentError);
      const { message } = error as Error;
      expect(message).not.toContain(CANARY);
      expect(message.length).toBeLessThan(500);
    }),
    { numRuns: 2_000 },
  );
});

test('the longest url that a job may have costs no time, and fills no reason', async () => {
  const began = performance.now();
  for (const unit of ['@', ':', '/', '%', '[', 'a.', 'u:p@', '\ud800', '。']) {
    const error = await deliver(`https://${unit.repeat(2_040 / unit.length)}`).catch((thrown: Error) => thrown);
    expect((error as Error).message.length).toBeLessThan(500);
  }
  expect(performance.now() - began).toBeLessThan(5_000);
});
