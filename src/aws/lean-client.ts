import type { Readable } from 'node:stream';

/** What a client of the SDK lets us take out of its requests. */
interface Slimmable {
  readonly middlewareStack: { remove(name: string): boolean };
}

/**
 * Takes two parts out of an SDK client that cost on each request and give us nothing: the one walks every request and
 * answer for a logger that nobody set, the other escapes the same user agent each time.
 */
export function lean<Client extends Slimmable>(client: Client): Client {
  client.middlewareStack.remove('loggerMiddleware');
  client.middlewareStack.remove('getUserAgentMiddleware');
  return client;
}

/** Reads an answer's body. The SDK's own reader first asks whether it is a web stream, and to ask has Node load those. */
export async function collect(body: Readable): Promise<Uint8Array> {
  return Buffer.concat(await body.toArray());
}
