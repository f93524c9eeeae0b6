import type { Answer, ServiceRequest } from '../gateway/request.ts';
import type { AsyncInvocations } from './async-invocations.ts';
import { describeFunction, describeMapping } from './descriptions.ts';
import { invoke } from './invoke.ts';
import type { MappingCommands } from './mapping-commands.ts';
import { invalidParameter, LambdaError, type LambdaRegistry, plainName } from './registry.ts';

type Handler = (request: ServiceRequest, name: string) => Promise<Answer> | Answer;

/** The Lambda API over REST, as the SDKs, the AWS CLI and `serverless invoke` call it. */
export class LambdaService {
  readonly #registry: LambdaRegistry;
  readonly #asynchronous: AsyncInvocations;
  readonly #commands: MappingCommands;
  readonly #routes: [string, RegExp, Handler][];

  constructor(registry: LambdaRegistry, asynchronous: AsyncInvocations, commands: MappingCommands) {
    this.#registry = registry;
    this.#asynchronous = asynchronous;
    this.#commands = commands;
    this.#routes = this.#table();
  }

  /** Answers one request. An operation that is not emulated gets a 501 that says so. */
  async handle(request: ServiceRequest): Promise<Answer> {
    try {
      for (const [method, pattern, handler] of this.#routes) {
        const match = method === request.method ? pattern.exec(request.path) : null;
        if (match) return await handler(request, decodeURIComponent(match[1] ?? ''));
      }
      const operation = `${request.method} ${request.path}`;
      throw new LambdaError('NotImplemented', `Lambda's ${operation} is not emulated here.`, 501);
    } catch (error) {
      if (!(error instanceof LambdaError)) throw error;
      return failure(error);
    }
  }

  #table(): [string, RegExp, Handler][] {
    const functions = '/2015-03-31/functions';
    const mappings = '/2015-03-31/event-source-mappings';
    return [
      ['POST', new RegExp(`^${functions}/([^/]+)/invocations$`), (request, name) => this.#invoke(request, name)],
      ['GET', new RegExp(`^${functions}/?$`), () => this.#listFunctions()],
      ['GET', new RegExp(`^${functions}/([^/]+)$`), (_, name) => this.#getFunction(name)],
      ['GET', new RegExp(`^${functions}/([^/]+)/configuration$`), (_, name) => this.#getConfiguration(name)],
      ['GET', /^\/2024-08-31\/functions\/([^/]+)\/recursion-config$/, (_, name) => this.#getRecursionConfig(name)],
      ['GET', new RegExp(`^${mappings}/?$`), (request) => this.#listMappings(request)],
      ['POST', new RegExp(`^${mappings}/?$`), (request) => this.#createMapping(request)],
      ['GET', new RegExp(`^${mappings}/([^/]+)$`), (_, uuid) => this.#getMapping(uuid)],
      ['PUT', new RegExp(`^${mappings}/([^/]+)$`), (request, uuid) => this.#updateMapping(request, uuid)],
      ['DELETE', new RegExp(`^${mappings}/([^/]+)$`), (_, uuid) => this.#deleteMapping(uuid)],
    ];
  }

  #invoke(request: ServiceRequest, name: string) {
    return invoke(this.#registry.function(name).lambda, request, this.#asynchronous);
  }

  #listFunctions() {
    return json(200, { Functions: [...this.#registry.functions.values()].map(describeFunction) });
  }

  #getFunction(name: string) {
    const found = this.#registry.function(name);
    const { codeDirectory, reservedConcurrency } = found.lambda.configuration;
    return json(200, {
      Configuration: describeFunction(found),
      Code: { RepositoryType: 'S3', Location: `file://${codeDirectory}` },
      ...(reservedConcurrency !== undefined && { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
    });
  }

  #getConfiguration(name: string) {
    return json(200, describeFunction(this.#registry.function(name)));
  }

  #getRecursionConfig(name: string) {
    const { recursiveLoop = 'Terminate' } = this.#registry.function(name).lambda.configuration;
    return json(200, { RecursiveLoop: recursiveLoop });
  }

  #listMappings({ query }: ServiceRequest) {
    const functionName = query.get('FunctionName');
    const queueArn = query.get('EventSourceArn');
    const wanted = [...this.#registry.mappings.values()].filter(({ mapping }) => {
      const { functionArn, queueArn: source } = mapping.configuration;
      if (queueArn && source !== queueArn) return false;
      return !functionName || plainName(functionArn) === plainName(functionName);
    });
    return json(200, { EventSourceMappings: wanted.map(describeMapping) });
  }

  #getMapping(uuid: string) {
    return json(200, describeMapping(this.#registry.mapping(uuid)));
  }

  #createMapping(request: ServiceRequest) {
    const created = this.#commands.create(bodyOf(request));
    created.mapping.start();
    return json(202, { ...describeMapping(created), State: 'Creating' });
  }

  #updateMapping(request: ServiceRequest, uuid: string) {
    return json(202, { ...describeMapping(this.#commands.update(uuid, bodyOf(request))), State: 'Updating' });
  }

  #deleteMapping(uuid: string) {
    return json(202, { ...describeMapping(this.#commands.remove(uuid)), State: 'Deleting' });
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a request body is whatever the client sent; each command checks its own.
function bodyOf({ body }: ServiceRequest): any {
  try {
    return JSON.parse(body.toString() || '{}');
  } catch {
    throw invalidParameter('The request body is not JSON.');
  }
}

const json = (status: number, body: object): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const failure = (error: LambdaError): Answer => ({
  status: error.status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.name },
  body: JSON.stringify({
    Type: error.status < 500 ? 'User' : 'Service',
    Message: error.message,
    message: error.message,
  }),
});
