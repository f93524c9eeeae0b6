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
