import type { IncomingHttpHeaders } from 'node:http';

/** A request whose body has been read. */
export interface ServiceRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** True once the client no longer waits for the answer. */
  isGone: () => boolean;
}

/** A service's answer. The gateway adds the length. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: string | Buffer;
}
