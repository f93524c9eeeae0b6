import { createServer } from 'node:http';
import { type Behaviour, emptyCounts, StubTable } from './table.ts';

/**
 * The stub's tables behind HTTP, for a process of its own. `POST /control` with a behaviour starts them anew;
 * `GET /control` tells the counts, the results and the doubles. Prints its port once it listens.
 */
let table = new StubTable();

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    const body = Buffer.concat(parts).toString();
    if (request.url === '/control') return void response.end(control(request.method ?? '', body));
    const { status, body: answer } = await table.answer(String(request.headers['x-amz-target']), body);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(answer);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined });
});
process.on('disconnect', () => process.exit());

function control(method: string, body: string): string {
  if (method === 'POST') table = new StubTable(JSON.parse(body || '{}') as Behaviour);
  if (method === 'PUT') table.counts = emptyCounts();
  return JSON.stringify({
    counts: table.counts,
    results: [...table.results()],
    doubles: table.doubles(),
    leftInProgress: table.leftInProgress(),
  });
}
