import { createServer, type IncomingMessage, request as open, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message on its way to a next queue. */
export interface Passing {
  /** The queue's name. */
  readonly queue: string;
  readonly entries: readonly {
    readonly Id: string;
    readonly MessageBody: string;
    readonly trace: string | undefined;
  }[];
}

/**
 * What becomes of a request: it passes; it never arrives; it arrives and its answer never does; or the queue refuses it.
 * `lost` and `unanswered` break the connection, as it is where a process is killed or a network fails.
 */
export type Fate = 'passes' | 'lost' | 'unanswered' | 'refused';

/** Stands between a step of a chain and its next queue: its address, in place of the queue's, is the step's NEXT_QUEUE_URL. */
export class NextQueueProxy {
  readonly #server: Server;
  #target = '';

  private constructor(fateOf: (passing: Passing) => Fate) {
    this.#server = createServer((request, response) => void this.#handle(request, response, fateOf));
  }

  static async start(fateOf: (passing: Passing) => Fate): Promise<NextQueueProxy> {
    const proxy = new NextQueueProxy(fateOf);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** @param endpoint of the cloud behind it */
  leadTo(endpoint: string): void {
    this.#target = endpoint;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse, fateOf: (passing: Passing) => Fate): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const fate = fateOf(passingOf(body));
    if (fate === 'lost') {
      request.socket.destroy();
    } else if (fate === 'refused') {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: 'com.amazonaws.sqs#OverLimit', message: 'it is full' }));
    } else {
      const { status, text } = await this.#forward(request, body.replaceAll(this.address, this.#target));
      if (fate === 'unanswered') request.socket.destroy();
      else response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
    }
  }

  #forward({ url, method, headers }: IncomingMessage, body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const length = { 'content-length': String(Buffer.byteLength(body)) };
      const forwarded = open(this.#target + url, { method, headers: { ...headers, ...length } }, async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        resolve({ status: answer.statusCode ?? 500, text: Buffer.concat(chunks).toString() });
      });
      forwarded.on('error', reject);
      forwarded.end(body);
    });
  }
}

function passingOf(body: string): Passing {
  const { QueueUrl, Entries } = JSON.parse(body);
  return {
    queue: QueueUrl.split('/').at(-1),
    // biome-ignore lint/suspicious/noExplicitAny: an entry as the SDK sends it
    entries: Entries.map(({ Id, MessageBody, MessageSystemAttributes }: any) => ({
      Id,
      MessageBody,
      trace: MessageSystemAttributes?.AWSTraceHeader?.StringValue,
    })),
  };
}
