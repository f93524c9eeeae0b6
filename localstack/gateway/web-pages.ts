import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './request.ts';
import type { Destination } from './routing.ts';
import { element } from './xml.ts';

/**
 * Names of this machine, with or without a port, and the names below them that S3 and LocalStack's tools use. A page
 * whose own name is made to resolve to this machine (DNS rebinding) sends its own name, which is not one of these.
 */
const LOCAL_HOST =
  /^(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9-]+\.)*(?:localhost|localhost\.localstack\.cloud)\.?)(?::\d{1,5})?$/i;
/** DNS names have at most 253 characters, ports five digits. */
const MAX_HOST = 260;

/**
 * Refuses requests of web pages, because there is no authentication, and any page can send requests to this machine.
 * Browsers say where a request comes from (`Origin`, `Sec-Fetch-Site`) and which host it is for (`Host`). Tools send
 * neither `Origin` nor `Sec-Fetch-Site`.
 *
 * @returns a 403 in the protocol of the request; undefined when it may pass
 */
export function refusePages(
  request: { method: string; headers: IncomingHttpHeaders },
  to: Destination,
): Answer | undefined {
  const why = reasonToRefuse(request, to);
  return why === undefined
    ? undefined
    : forbidden(`The embedded cloud takes no requests ${why}: see localstack/README.md`, to);
}

function reasonToRefuse(
  { method, headers }: { method: string; headers: IncomingHttpHeaders },
  to: Destination,
): string | undefined {
  const { host, origin, 'sec-fetch-site': site } = headers;
  if (host !== undefined && !(host.length <= MAX_HOST && LOCAL_HOST.test(host)))
    return 'for another host (header Host)';
  if (origin !== undefined && origin !== `http://${host}`) return 'of web pages (header Origin)';
  if (site === undefined || site === 'same-origin') return undefined;
  // A person typed the address, or followed a link in a mail. Such a request may read, and change nothing.
  if (site === 'none' && (to === 'health' || (to === 's3' && method === 'GET'))) return undefined;
  return 'of web pages (header Sec-Fetch-Site)';
}

function forbidden(message: string, to: Destination): Answer {
  if (to === 's3' || to === 'form') {
    const error = element('Error', { Code: 'AccessDenied', Message: message });
    const body = to === 's3' ? error : `<ErrorResponse>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
    return { status: 403, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0"?>${body}` };
  }
  return {
    status: 403,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' },
    body: JSON.stringify({ __type: 'AccessDeniedException', message }),
  };
}
