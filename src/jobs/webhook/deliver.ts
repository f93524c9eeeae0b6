import type { EnvironmentReader } from '../../env.ts';
import { PermanentError, TransientError } from '../../failures/errors.ts';
import { httpKind, parseRetryAfter } from '../../failures/http.ts';
import { post, report } from './post.ts';
import { readSecret, SECRET_FORM, type SigningSecret, webhookHeaders } from './signature.ts';

export type { SigningSecret } from './signature.ts';

/** What signs deliveries: the variable WEBHOOK_SECRETS. */
export const readSecrets = (read: EnvironmentReader): SigningSecret[] =>
  read.listOf('WEBHOOK_SECRETS', readSecret, SECRET_FORM);

export interface Conditions {
  readonly secrets: readonly SigningSecret[];
  /** Whether private, loopback and link-local addresses are refused. */
  readonly publicOnly: boolean;
  readonly signal: AbortSignal;
  readonly fencingToken: number;
}

/**
 * Posts a payload as JSON to a URL.
 *
 * @param id the same over all tries; sent as the Idempotency-Key
 * @throws TransientError and PermanentError for what the receiver answered, by its status; what the network throws
 */
export async function deliver(
  url: URL,
  { id, payload }: { id: string; payload: unknown },
  { secrets, publicOnly, signal, fencingToken }: Conditions,
): Promise<{ status: number }> {
  const body = JSON.stringify(payload);
  const now = Date.now();
  const answer = await post(url, body, {
    headers: {
      'content-type': 'application/json',
      'idempotency-key': headerValue(id),
      'sluice-fencing-token': String(fencingToken),
      ...webhookHeaders({ hostname: url.hostname, jobId: id, body, now }, secrets),
    },
    publicOnly,
    signal,
  });
  const { status } = answer;
  if (status >= 200 && status < 300) return { status };
  const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], Date.now());
  const whatBecame = `answered ${status}${status < 400 ? ': redirects are not followed' : ''}`;
  const message = report(url, whatBecame);
  if (httpKind(status).kind === 'transient') throw new TransientError(message, { retryAfterMs });
  throw new PermanentError(message);
}

/** Header values are Latin-1 without control characters. An id with other characters is percent-encoded. */
function headerValue(id: string): string {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(id) ? id : encodeURIComponent(id.toWellFormed());
}
