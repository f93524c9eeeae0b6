import { connect, createServer, type Server, type Socket } from 'node:net';

/** A server's port with a network before it that can fail. */
export class FickleProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isMute = false;
  #isDown = false;
  /** Connections that were accepted. */
  accepted = 0;

  private constructor(target: number) {
    this.#server = createServer((client) => {
      if (this.#isDown) {
        client.destroy();
        return;
      }
      this.accepted += 1;
      const upstream = connect(target, '127.0.0.1');
      const pair = [client, upstream] as const;
      this.#pairs.add(pair);
      client.on('data', (data) => this.#isMute || upstream.write(data));
      upstream.on('data', (data) => this.#isMute || client.write(data));
      for (const socket of pair) {
        socket.on('error', () => {});
        socket.on('close', () => this.#end(pair));
      }
    });
  }

  static async before(target: number): Promise<FickleProxy> {
    const proxy = new FickleProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Connections that are open. */
  get open(): number {
    return this.#pairs.size;
  }

  /** Ends every connection. */
  cut(): void {
    for (const pair of this.#pairs) this.#end(pair);
  }

  /** Ends every connection, and accepts none until `up`. */
  down(): void {
    this.#isDown = true;
    this.cut();
  }

  up(): void {
    this.#isDown = false;
    this.#isMute = false;
  }

  /** Swallows what both sides say: the connections stay open. */
  mute(): void {
    this.#isMute = true;
  }

  async close(): Promise<void> {
    this.down();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #end(pair: readonly [Socket, Socket]): void {
    this.#pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  }
}
