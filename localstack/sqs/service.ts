import {
  changeMessageVisibility,
  changeMessageVisibilityBatch,
  createQueue,
  deleteMessage,
  deleteMessageBatch,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listQueues,
  listQueueTags,
  purgeQueue,
  QueueDoesNotExistError,
  SqsError,
  setQueueAttributes,
  tagQueue,
  untagQueue,
} from '../fauxqs/internals.ts';
import type { Answer, ServiceRequest } from '../gateway/request.ts';
import type { Body, Caller } from './call.ts';
import { answerXml, errorXml, readForm } from './query-protocol.ts';
import { receive } from './receive.ts';
import { send, sendBatch } from './send.ts';
import { QueueStore } from './store.ts';

type Output = Record<string, unknown>;
type Action = (body: Body, store: QueueStore, caller: Caller) => unknown;

// fauxqs takes a Fastify request where an action needs the host and the region. We leave the region out on purpose:
// fauxqs then uses the store's, so a client configured for another region finds the same queues.
// biome-ignore lint/suspicious/noExplicitAny: the two fields are all that fauxqs reads of it
const asRequest = ({ host }: Caller): any => ({ headers: { host } });

const ACTIONS: Record<string, Action> = {
  SendMessage: send,
  SendMessageBatch: sendBatch,
  ReceiveMessage: (body, store, caller) => receive(body, store, caller.isGone),
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
  CreateQueue: (body, store, caller) => createQueue(body, store, asRequest(caller)),
  DeleteQueue: deleteQueue,
  GetQueueUrl: (body, store, caller) => getQueueUrl(body, store, asRequest(caller)),
  ListQueues: listQueues,
  ListDeadLetterSourceQueues: (body, store) => {
    const queue = store.getQueue(String(body.QueueUrl));
    if (!queue) throw new QueueDoesNotExistError();
    return { queueUrls: store.sourcesOf(queue).map((source) => source.url) };
  },
  GetQueueAttributes: (body, store) => {
    // Messages that have become visible since the last receive must count as visible.
    store.getQueue(String(body.QueueUrl))?.processTimers();
    return getQueueAttributes(body, store);
  },
  SetQueueAttributes: setQueueAttributes,
  PurgeQueue: purgeQueue,
  TagQueue: tagQueue,
  UntagQueue: untagQueue,
  ListQueueTags: listQueueTags,
};

/** SQS over both of its protocols: JSON (the SDKs) and query (AWS CLI 1, and 2 before 2.15, such as Debian's). */
export class SqsService {
  readonly store: QueueStore;

  constructor(region: string) {
    this.store = new QueueStore(region);
  }

  /** Runs one action by name, without HTTP. @throws {SqsError} as SQS would */
  async execute(action: string, body: Body, caller: Caller): Promise<Output> {
    const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    if (!run) {
      throw new SqsError(
        'UnsupportedOperation',
        `SQS's ${action} is not emulated here. Emulated: ${Object.keys(ACTIONS).join(', ')}.`,
      );
    }
    checkShape(body);
    return ((await run(body, this.store, caller)) ?? {}) as Output;
  }

  /** Answers the JSON protocol: the action is in X-Amz-Target. */
  async handleJson(request: ServiceRequest): Promise<Answer> {
    const action = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    try {
      const body = parseBody(request.body);
      return json(200, await this.execute(action, body, callerOf(request)));
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      return json(error.statusCode, error.toJSON(), { 'x-amzn-query-error': error.queryErrorHeader });
    }
  }

  /** Answers the query protocol: form fields in, XML out. */
  async handleForm(request: ServiceRequest, form: URLSearchParams): Promise<Answer> {
    const action = form.get('Action') ?? '';
    try {
      const output = await this.execute(action, readForm(form, request), callerOf(request));
      return xml(200, answerXml(action, output));
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      return xml(error.statusCode, errorXml(error));
    }
  }

  /** Ends every long poll. */
  close() {
    this.store.shutdown();
  }
}

const callerOf = (request: ServiceRequest): Caller => ({
  host: request.headers.host ?? 'localhost',
  isGone: request.isGone,
  ...traceOf(request.headers['x-amzn-trace-id']),
});

const traceOf = (header: string | string[] | undefined) => (header ? { traceHeader: String(header) } : {});

function parseBody(body: Buffer): Body {
  try {
    return JSON.parse(body.toString() || '{}');
  } catch {
    throw new SqsError('MalformedInput', 'The request body is not JSON.');
  }
}

/** Checks the types that every action expects. */
function checkShape(body: Body) {
  if (!isObject(body)) throw new SqsError('MalformedInput', 'The request body is not a JSON object.');
  for (const name of ['QueueUrl', 'QueueName', 'MessageBody', 'ReceiptHandle']) {
    const value = body[name];
    if (value !== undefined && typeof value !== 'string') {
      throw new SqsError('InvalidParameterValue', `${name} must be a string, not ${JSON.stringify(value)}.`);
    }
  }
  const { Entries = [] } = body;
  if (!Array.isArray(Entries) || !Entries.every(isObject)) {
    throw new SqsError('InvalidParameterValue', 'Entries must be a list of objects.');
  }
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

const json = (status: number, body: object, headers = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0', ...headers },
  body: JSON.stringify(body),
});

const xml = (status: number, body: string): Answer => ({ status, headers: { 'content-type': 'text/xml' }, body });
