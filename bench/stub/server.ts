import { createServer } from 'node:http';
import { type Behaviour, emptyCounts, StubTable } from './table.ts';

/**
 * The stub's tables behind HTTP, in their own process. `POST /control` with a behaviour empties them, and `PUT
 * /control` sets the counts to zero. Every request to `/control` returns the counts, the results, the doubles and the
 * items left in progress. The server sends its port to its parent process once it listens.
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
