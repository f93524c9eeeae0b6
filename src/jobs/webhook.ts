import validate, { type Webhook } from '#schemas/webhook';
import { PermanentError, TransientError } from '../failures/errors.ts';
import { httpKind, parseRetryAfter } from '../failures/http.ts';
import { defineJob } from '../job.ts';
import { ALLOWED_HOST_FORM, type AllowedHost, allows, readAllowedHost } from './webhook/allowed-hosts.ts';
import { placeOf, post, report } from './webhook/post.ts';
import { refusePrivateLiteral } from './webhook/public-addresses.ts';
import { readSecret, SECRET_FORM, type SigningSecret, webhookHeaders } from './webhook/signature.ts';

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
      secrets: read.listOf('WEBHOOK_SECRETS', readSecret, SECRET_FORM),
      slotsPerHost: read.integer('WEBHOOK_SLOTS_PER_HOST', { min: 1, max: 1000, fallback: half }),
    };
  },
  destination: ({ url }, { slotsPerHost }) => ({ name: URL.parse(url)?.host ?? '', slots: slotsPerHost }),
  async handle(job, { signal, settings, fencingToken }) {
    const url = await deliverableUrl(job.url, settings);
    const body = JSON.stringify(job.payload);
    const now = Date.now();
    const answer = await post(url, body, {
      headers: {
        'content-type': 'application/json',
        'idempotency-key': headerValue(job.job_id),
        'sluice-fencing-token': String(fencingToken),
        ...webhookHeaders({ hostname: url.hostname, jobId: job.job_id, body, now }, settings.secrets),
      },
      publicOnly: settings.privateAddresses === 'refuse',
      signal,
    });
    const { status } = answer;
    if (status >= 200 && status < 300) return { status };
    const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], Date.now());
    const whatBecame = `answered ${status}${status < 400 ? ': redirects are not followed' : ''}`;
    const message = report(url, whatBecame);
    if (httpKind(status).kind === 'transient') throw new TransientError(message, { retryAfterMs });
    throw new PermanentError(message);
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

/** Header values are Latin-1 without control characters. An id with other characters is percent-encoded. */
function headerValue(id: string): string {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(id) ? id : encodeURIComponent(id.toWellFormed());
}
