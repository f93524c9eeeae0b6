import { createHmac, hash } from 'node:crypto';

/** A secret that signs deliveries, to one host or to all. */
export interface SigningSecret {
  /** Undefined for a secret that signs for all hosts without secrets of their own. */
  readonly hostname: string | undefined;
  readonly key: Buffer;
}

export const SECRET_FORM = 'whsec_<base64 of 24 to 64 bytes>, or that behind host=';

const ENTRY = /^(?:([^=]+)=)?whsec_([A-Za-z0-9+/]+={0,2})$/;
/** Bytes of a secret [Standard Webhooks 1.0: signature scheme]. */
const KEY_BYTES = { least: 24, most: 64 };
/**
 * An id without dots cannot change which part is signed as what [Standard Webhooks 1.0]. The length is limited because
 * it is a header.
 */
const PLAIN_ID = /^[\w-]{1,128}$/;

/** Reads an entry of WEBHOOK_SECRETS. @returns undefined for an invalid one, whose text is still secret */
export function readSecret(text: string): SigningSecret | undefined {
  const [, host, base64 = ''] = ENTRY.exec(text) ?? [];
  const key = Buffer.from(base64, 'base64');
  if (key.length < KEY_BYTES.least || key.length > KEY_BYTES.most) return undefined;
  if (key.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) return undefined;
  if (host === undefined) return { hostname: undefined, key };
  const hostname = URL.parse(`https://${host}`)?.hostname;
  return hostname ? { hostname, key } : undefined;
}

/**
 * The headers of the Standard Webhooks scheme. The signature has one entry for each secret of the host, so that a
 * receiver can change from one secret to the next. A host with its own secrets is not signed for with the secrets for
 * all hosts. Without secrets there is no `webhook-signature`.
 *
 * @param jobId the same over all tries, and so is `webhook-id`: the id itself, or its hash where it holds characters
 *   other than letters, digits, `_` and `-`, or more than 128
 * @param now milliseconds since the epoch, of this try
 */
export function webhookHeaders(
  { hostname, jobId, body, now }: { hostname: string; jobId: string; body: string; now: number },
  secrets: readonly SigningSecret[],
): Record<string, string> {
  const id = PLAIN_ID.test(jobId) ? jobId : `sha256-${hash('sha256', jobId, 'base64url')}`;
  const timestamp = String(Math.floor(now / 1000));
  const own = secrets.filter((secret) => secret.hostname === hostname);
  const signing = own.length > 0 ? own : secrets.filter((secret) => secret.hostname === undefined);
  const signatures = signing.map(({ key }) => {
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    return `v1,${signature}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signatures.length > 0 && { 'webhook-signature': signatures.join(' ') }),
  };
}
