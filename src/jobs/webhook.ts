import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import validate, { type Webhook } from '#schemas/webhook';
import { httpKind, parseRetryAfter } from '../classification.ts';
import { PermanentError, TransientError } from '../errors.ts';
import { defineJob } from '../job.ts';

interface Settings {
  /** `host`, `host:port` or `*.domain`; lower case. */
  allowedHosts: readonly string[];
  privateAddresses: 'refuse' | 'allow';
}

export default defineJob<Webhook, Settings>({
  schema: validate,
  key: (job) => job.job_id,
  claims: true,
  timeLimitMs: 10_000,
  settings: (read) => ({
    allowedHosts: read.list('WEBHOOK_ALLOWED_HOSTS').map((host) => host.toLowerCase()),
    privateAddresses: read.oneOf('WEBHOOK_PRIVATE_ADDRESSES', ['refuse', 'allow'], 'refuse'),
  }),
  async handle(job, { signal, settings, fencingToken }) {
    const url = await deliverableUrl(job.url, settings);
    const response = await post(url, JSON.stringify(job.payload), settings.privateAddresses === 'refuse', signal, {
      'content-type': 'application/json',
      'idempotency-key': headerValue(job.job_id),
      'sluice-fencing-token': String(fencingToken),
    });
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return { status };
    const retryAfterMs = parseRetryAfter(response.headers['retry-after'], Date.now());
    const message = `POST ${url.origin}${url.pathname} answered ${status}`;
    if (httpKind(status).kind === 'transient') throw new TransientError(message, { retryAfterMs });
    throw new PermanentError(status < 400 ? `${message}: redirects are not followed` : message);
  },
});

/** @throws PermanentError when the URL is none, or names a host that is not on the list or a private address */
async function deliverableUrl(text: string, { allowedHosts, privateAddresses }: Settings): Promise<URL> {
  const url = URL.parse(text);
  if (!url) throw new PermanentError(`"${text}" is not a URL`);
  const listed = allowedHosts.some((allowed) =>
    allowed.startsWith('*.')
      ? url.hostname.endsWith(allowed.slice(1))
      : allowed === url.hostname || allowed === url.host || allowed === `${url.hostname}:${portOf(url)}`,
  );
  if (!listed)
    throw new PermanentError(`host ${url.host} is not in WEBHOOK_ALLOWED_HOSTS; add it there to deliver to it`);
  // A literal address is never looked up, so it is checked here.
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (privateAddresses === 'refuse' && isIP(literal)) await refusePrivate(literal, url.hostname);
  return url;
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}

/** Header values are Latin-1 without control characters; an id outside of that travels percent-encoded. */
function headerValue(id: string): string {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(id) ? id : encodeURIComponent(id);
}

function post(
  url: URL,
  body: string,
  publicOnly: boolean,
  signal: AbortSignal,
  headers: Record<string, string>,
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    // No keep-alive: a socket kept over Lambda's freeze is dead when the function thaws.
    const options = { method: 'POST', headers, signal, agent: false, ...(publicOnly && { lookup: publicLookup }) };
    request(url, options, (response) => {
      response.on('end', () => resolve(response)).on('error', reject);
      response.resume();
    })
      .on('error', reject)
      .end(body);
  });
}

/** Looks a name up and refuses private answers, at connect time: a name that changes its address cannot slip by. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...(options as LookupOptions), all: true }, async (error, addresses: LookupAddress[]) => {
    try {
      if (error) throw error;
      for (const { address } of addresses) await refusePrivate(address, hostname);
      if (options.all) callback(null, addresses);
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
    } catch (refusal) {
      callback(refusal as Error, options.all ? [] : '');
    }
  });
};

/** Only global unicast passes: no private, loopback, link-local (169.254.169.254), unique-local or mapped address. */
async function refusePrivate(address: string, host: string): Promise<void> {
  // Loaded by the first delivery, since a cold start without one need not wait for it.
  const { default: ipaddr } = await import('ipaddr.js');
  const range = ipaddr.parse(address).range();
  if (range === 'unicast') return;
  throw new PermanentError(
    `${host} resolves to ${address} (${range}), and WEBHOOK_PRIVATE_ADDRESSES is "refuse"; only public addresses are delivered to`,
  );
}
