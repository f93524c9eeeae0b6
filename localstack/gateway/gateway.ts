import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { notEmulated } from './not-emulated.ts';
import type { Answer, ServiceRequest } from './request.ts';
import { type Destination, formDestination, route } from './routing.ts';
import { refusePages } from './web-pages.ts';

/** The services, each with its requests. Each takes a whole request, except S3, whose objects are streamed. */
export interface Services {
  /** Called before any service, for S3 without the body. An answer here is a denial. */
  check(request: ServiceRequest): Answer | undefined;
  sqsJson(request: ServiceRequest): Promise<Answer>;
  sqsForm(request: ServiceRequest, form: URLSearchParams): Promise<Answer>;
  dynamodb(request: ServiceRequest): Promise<Answer>;
  lambda(request: ServiceRequest): Promise<Answer>;
  cloudformation(request: ServiceRequest, form: URLSearchParams): Promise<Answer>;
  sns(request: ServiceRequest, form: URLSearchParams): Promise<Answer>;
  sts(request: ServiceRequest): Promise<Answer>;
  s3(request: IncomingMessage, response: ServerResponse): void;
  health(): Answer;
}

/** Larger than the largest request that a service here takes whole: DynamoDB's 16 MB. */
const MAXIMUM_BODY_BYTES = 17 * 1024 * 1024;
/** Longer than the SDKs keep an idle connection, so that no request is sent on a connection that is being closed. */
const KEEP_ALIVE_MS = 120_000;

/** The port is taken, or may not be opened. The message says how to choose another. */
export class PortError extends Error {
  override name = 'PortError';
}

/** The one port. It finds the service that a request is for, and passes the request on within this process. */
export class Gateway {
  readonly #server: Server;
  readonly #services: Services;
  readonly #log: (line: string) => void;

  constructor(services: Services, log: (line: string) => void) {
    this.#services = services;
    this.#log = log;
    this.#server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
      this.#answer(request, response).catch((error) => this.#fail(response, error));
    });
  }

  /**
   * Listens on 127.0.0.1 only, and refuses requests of web pages, because there is no authentication.
   * @param port 0 takes any free port
   * @returns the port
   * @throws {PortError}
   */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(portError(port, error)));
      this.#server.listen(port, '127.0.0.1', () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  /** Stops at once. Answers under way are cut off. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse) {
    const destination = route(incoming);
    const { method = 'GET', headers } = incoming;
    const refusal = refusePages({ method, headers }, destination);
    if (refusal) return send(response, refusal);
    const [path = '/', search] = (incoming.url ?? '/').split('?');
    const query = new URLSearchParams(search);
    const isGone = () => response.destroyed;
    const head = { method, path, query, headers, isGone };
    if (destination === 's3') {
      const denial = this.#services.check({ ...head, body: Buffer.alloc(0) });
      if (!denial) return this.#services.s3(incoming, response);
      incoming.resume();
      return send(response, denial);
    }
    const body = await readBody(incoming);
    if (!body) return send(response, { status: 413, body: `A request is at most ${MAXIMUM_BODY_BYTES} bytes.` });
    const request = { ...head, body };
    send(response, this.#services.check(request) ?? (await this.#dispatch(destination, request)));
  }

  async #dispatch(destination: Destination, request: ServiceRequest): Promise<Answer> {
    switch (destination) {
      case 'sqs-json':
        return this.#services.sqsJson(request);
      case 'dynamodb':
        return this.#services.dynamodb(request);
      case 'lambda':
        return this.#services.lambda(request);
      case 'health':
        return this.#services.health();
      case 'form':
        return this.#dispatchForm(request);
      default:
        return notEmulated(request);
    }
  }

  async #dispatchForm(request: ServiceRequest): Promise<Answer> {
    const form = new URLSearchParams(request.body.length ? request.body.toString() : request.query);
    switch (formDestination(request, form)) {
      case 'sqs':
        return this.#services.sqsForm(request, form);
      case 'sns':
        return this.#services.sns(request, form);
      case 'sts':
        return this.#services.sts(request);
      case 'cloudformation':
        return this.#services.cloudformation(request, form);
      default:
        return notEmulated(request, form.get('Action') ?? undefined);
    }
  }

  /** A fault of the emulator itself. The client gets a 500, which its SDK retries. The log says what happened. */
  #fail(response: ServerResponse, error: unknown) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#log(`gateway: ${text}`);
    if (response.headersSent || response.destroyed) return response.destroy();
    const body = JSON.stringify({
      __type: 'InternalFailure',
      message: `The embedded cloud failed: ${text.split('\n')[0]}`,
    });
    send(response, { status: 500, headers: { 'content-type': 'application/x-amz-json-1.0' }, body });
  }
}

function portError(port: number, error: NodeJS.ErrnoException): PortError {
  const reason = error.code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be opened (${error.message})`;
  return new PortError(
    `Port ${port} ${reason}. Choose another with --port or SLUICE_PORT; --port 0 takes any free one.`,
  );
}

function send(response: ServerResponse, { status, headers, body }: Answer) {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** The whole body, or undefined where it is too large. */
function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAXIMUM_BODY_BYTES) chunks.push(chunk);
    });
    request.on('end', () => resolve(size > MAXIMUM_BODY_BYTES ? undefined : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}
