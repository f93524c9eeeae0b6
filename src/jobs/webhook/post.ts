import { hash } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { publicLookup } from './public-addresses.ts';

/** Longer than any origin that there can be: a name of DNS has at most 253 characters. */
const MAX_ORIGIN = 270;

/** Scheme, host and port: all of a URL that may be said. */
export function placeOf({ origin }: URL): string {
  return origin.length <= MAX_ORIGIN ? origin : `${origin.slice(0, MAX_ORIGIN)}... (${origin.length} characters)`;
}

/**
 * What became of a delivery, for errors and logs. Path and query are named by the first eight digits of their SHA-256: a
 * webhook's path is often all that keeps others from calling it.
 */
export function report(url: URL, whatBecame: string): string {
  return `POST ${placeOf(url)} ${whatBecame} (path 0x${hash('sha256', url.pathname + url.search).slice(0, 8)})`;
}

/**
 * Sends the body and resolves with the status as soon as it is known. The answer's body is not read: it decides nothing, and
 * could come slowly, or without end.
 */
export function post(
  url: URL,
  body: string,
  { headers, publicOnly, signal }: { headers: Record<string, string>; publicOnly: boolean; signal: AbortSignal },
): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    // No keep-alive: a socket kept over Lambda's freeze is dead when the function thaws.
    const options = { method: 'POST', headers, signal, agent: false, ...(publicOnly && { lookup: publicLookup }) };
    request(url, options, (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
      // What comes after the status, a broken connection included, changes nothing.
      response.on('error', () => {}).destroy();
    })
      .on('error', reject)
      .end(body);
  });
}
