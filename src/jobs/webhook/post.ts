import { hash } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { publicLookup } from './public-addresses.ts';

/** Longer than any real origin: a DNS name has at most 253 characters. */
const MAX_ORIGIN = 270;

/** Scheme, host and port: the only parts of a URL that errors and logs may contain. */
export function placeOf({ origin }: URL): string {
  return origin.length <= MAX_ORIGIN ? origin : `${origin.slice(0, MAX_ORIGIN)}... (${origin.length} characters)`;
}

/**
 * The result of a delivery in a sentence, for errors and logs. Path and query appear only as the first eight digits of
 * their SHA-256: a webhook's path is often the only secret that keeps others from calling it.
 */
export function report(url: URL, whatBecame: string): string {
  return `POST ${placeOf(url)} ${whatBecame} (path 0x${hash('sha256', url.pathname + url.search).slice(0, 8)})`;
}

/**
 * Sends the body, and resolves as soon as the status is known. The body of the answer is not read: it decides nothing,
 * and it could be slow or endless.
 */
export function post(
  url: URL,
  body: string,
  { headers, publicOnly, signal }: { headers: Record<string, string>; publicOnly: boolean; signal: AbortSignal },
): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    // No keep-alive: after Lambda freezes and thaws the function, a kept socket is dead.
    const options = { method: 'POST', headers, signal, agent: false, ...(publicOnly && { lookup: publicLookup }) };
    request(url, options, (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
      // After the status nothing matters any more, not even a broken connection.
      response.on('error', () => {}).destroy();
    })
      .on('error', reject)
      .end(body);
  });
}
