import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of AWS Systems Manager as GetParameters is, on a port of its own. */
export async function startParameterStore(parameters: Readonly<Record<string, string>>) {
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests += 1;
    let body = '';
    for await (const chunk of request) body += chunk;
    const { Names = [] } = JSON.parse(body) as { Names?: string[] };
    const Parameters = Names.filter((name) => name in parameters).map((Name) => ({ Name, Value: parameters[Name] }));
    const InvalidParameters = Names.filter((name) => !(name in parameters));
    response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ Parameters, InvalidParameters }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
