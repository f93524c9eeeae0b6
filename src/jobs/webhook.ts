import validate, { type Webhook } from '#schemas/webhook';
import { PermanentError } from '../failures/errors.ts';
import { defineJob } from '../job.ts';
import { ALLOWED_HOST_FORM, type AllowedHost, allows, readAllowedHost } from './webhook/allowed-hosts.ts';
import { deliver, readSecrets, type SigningSecret } from './webhook/deliver.ts';
import { placeOf } from './webhook/post.ts';
import { refusePrivateLiteral } from './webhook/public-addresses.ts';

interface Settings {
  allowedHosts: readonly AllowedHost[];
  privateAddresses: 'refuse' | 'allow';
  secrets: readonly SigningSecret[];
  /** Deliveries to one host at once, in one invocation. */
  slotsPerHost: number;
}

export default defineJob<Webhook, Settings>({
  schema: validate,
  key: (job) => job.job_id,
  claims: true,
  timeLimitMs: 10_000,
  settings: (read) => {
    const concurrency = read.integer('WORKER_CONCURRENCY', { min: 1, max: 1000, fallback: 10 });
    const half = Math.max(1, Math.floor(concurrency / 2));
    return {
      allowedHosts: read.listOf('WEBHOOK_ALLOWED_HOSTS', readAllowedHost, ALLOWED_HOST_FORM),
      privateAddresses: read.oneOf('WEBHOOK_PRIVATE_ADDRESSES', ['refuse', 'allow'], 'refuse'),
      secrets: readSecrets(read),
      slotsPerHost: read.integer('WEBHOOK_SLOTS_PER_HOST', { min: 1, max: 1000, fallback: half }),
    };
  },
  destination: ({ url }, { slotsPerHost }) => ({ name: URL.parse(url)?.host ?? '', slots: slotsPerHost }),
  async handle({ url, job_id: id, payload }, { signal, settings, fencingToken }) {
    const { secrets, privateAddresses } = settings;
    const conditions = { secrets, publicOnly: privateAddresses === 'refuse', signal, fencingToken };
    return deliver(await deliverableUrl(url, settings), { id, payload }, conditions);
  },
});

/**
 * The URL to deliver to. Errors name only its scheme, host and port, because the rest may be secret.
 *
 * @throws PermanentError when the text is no URL, holds a user or password, or names a place that is private or not on
 *   the list
 */
async function deliverableUrl(text: string, { allowedHosts, privateAddresses }: Settings): Promise<URL> {
  const url = URL.parse(text);
  if (!url) throw new PermanentError('the url is not one that can be read');
  if (url.username || url.password) {
    throw new PermanentError(`the url to ${placeOf(url)} holds a user or password; none is sent`);
  }
  if (!allowedHosts.some((entry) => allows(entry, url))) {
    throw new PermanentError(`${placeOf(url)} is not in WEBHOOK_ALLOWED_HOSTS; add it there to deliver to it`);
  }
  if (privateAddresses === 'refuse') await refusePrivateLiteral(url.hostname);
  return url;
}
