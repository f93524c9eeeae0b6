import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the proxy does with a request: passes it on, or fails in one of the ways in which S3 or the network does. */
export type Mood = 'well' | 'down' | 'silent' | 'stalling' | 'cut off' | 'corrupt' | 'denied' | 'busy';

export interface FickleS3 extends AsyncDisposable {
  readonly endpoint: string;
  mood: Mood;
  /** Requests so far. */
  count: number;
}

/** An S3 endpoint in front of the embedded cloud's. @param target where that is, once it is known */
export async function fickleS3(target: () => string): Promise<FickleS3> {
  const server = createServer((request, response) => {
    proxy.count += 1;
    answer(proxy.mood, new URL(target()), request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: FickleS3 = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mood: 'well',
    count: 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function answer(mood: Mood, target: URL, request: IncomingMessage, response: ServerResponse): void {
  if (mood === 'silent') return;
  if (mood === 'down') return void request.socket.destroy();
  if (mood === 'denied' || mood === 'busy') {
    const [status, code] = mood === 'denied' ? [403, 'AccessDenied'] : [503, 'SlowDown'];
    response.writeHead(status, { 'content-type': 'application/xml' });
    return void response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
  }
  const { method, url, headers } = request;
  const onwards = forward({ host: target.hostname, port: target.port, method, path: url, headers }, (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      response.writeHead(incoming.statusCode ?? 500, incoming.headers);
      if (mood === 'well') return response.end(body);
      if (mood === 'corrupt') return response.end(body.fill(0x20, 20, 30));
      response.write(body.subarray(0, body.length >> 1));
      if (mood === 'cut off') setTimeout(() => response.destroy(), 20);
    });
  });
  request.pipe(onwards);
}
