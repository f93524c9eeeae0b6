import { Readable } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';

type Request = Parameters<NodeHttpHandler['handle']>[0];
type Answer = Awaited<ReturnType<NodeHttpHandler['handle']>>;
type Options = Parameters<NodeHttpHandler['handle']>[1];

/** One request on its way: what it asks for, and how to let it through. */
export interface Passing {
  /** Such as `BatchExecuteStatement`. */
  readonly operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the operation's input is
  readonly input: any;
  /** Sends it, with another input where one is given. */
  forward(input?: object): Promise<Answer>;
}

export type Fault = (request: Passing) => Promise<Answer>;

/** The real SDK's request handler with a fault in front of it. */
export class FaultyHandler extends NodeHttpHandler {
  readonly #fault: Fault;

  constructor(fault: Fault) {
    super({ connectionTimeout: 1_000, requestTimeout: 5_000 });
    this.#fault = fault;
  }

  override handle(request: Request, options?: Options): Promise<Answer> {
    const operation = request.headers['x-amz-target']?.split('.')[1] ?? '';
    const forward = (input?: object) => {
      if (!input) return super.handle(request, options);
      const body = JSON.stringify(input);
      const headers = { ...request.headers, 'content-length': String(Buffer.byteLength(body)) };
      return super.handle(Object.assign(request.clone(), { body, headers }), options);
    };
    return this.#fault({ operation, input: JSON.parse(textOf(request.body)), forward });
  }
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body as Uint8Array);
}

/** An answer that no server gave. */
export function answer(statusCode: number, body: object): Answer {
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  return {
    response: { statusCode, headers, body: Readable.from([Buffer.from(JSON.stringify(body))]) },
  } as unknown as Answer;
}

/** The body of an answer, read whole. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the operation's output is
export async function read({ response }: Answer): Promise<any> {
  const chunks: Buffer[] = [];
  for await (const chunk of response.body as Readable) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** The connection breaks. */
export function reset(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}
