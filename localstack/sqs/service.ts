import {
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listQueues,
  listQueueTags,
  SqsError,
  tagQueue,
  untagQueue,
} from '../fauxqs/internals.ts';
import type { Answer, ServiceRequest } from '../gateway/request.ts';
import type { Body, Caller } from './call.ts';
import { answerXml, errorXml, queryError, readForm } from './query-protocol.ts';
import { asRequest, create, setAttributes } from './queue-settings.ts';
import {
  changeMessageVisibility,
  changeMessageVisibilityBatch,
  deleteMessage,
  deleteMessageBatch,
} from './receipts.ts';
import { receive } from './receive.ts';
import { send, sendBatch } from './send.ts';
import { QueueStore } from './store.ts';

type Output = Record<string, unknown>;
type Action = (body: Body, store: QueueStore, caller: Caller) => unknown;

const ACTIONS: Record<string, Action> = {
  SendMessage: send,
  SendMessageBatch: sendBatch,
  ReceiveMessage: (body, store, caller) => receive(body, store, caller.isGone),
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
  CreateQueue: create,
  DeleteQueue: deleteQueue,
  GetQueueUrl: (body, store, caller) => getQueueUrl(body, store, asRequest(caller)),
  ListQueues: listQueues,
  ListDeadLetterSourceQueues: (body, store) => {
    const queue = store.named(body.QueueUrl);
    return { queueUrls: store.sourcesOf(queue).map((source) => source.url) };
  },
  GetQueueAttributes: (body, store) => {
    // What has become visible since the last receive counts as visible.
    store.named(body.QueueUrl).processTimers();
    return getQueueAttributes(body, store);
  },
  SetQueueAttributes: setAttributes,
  PurgeQueue: (body, store) => store.named(body.QueueUrl).purge(),
  TagQueue: tagQueue,
  UntagQueue: untagQueue,
  ListQueueTags: listQueueTags,
};

/** SQS over both of its protocols: JSON (the SDKs) and query (AWS CLI 1 and 2 before 2.15, Debian's among them). */
export class SqsService {
  readonly store: QueueStore;

  constructor(region: string) {
    this.store = new QueueStore(region);
  }

  /** Runs one action by name, without HTTP. @throws {SqsError} as SQS would answer */
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
      return json(error.statusCode, error.toJSON(), { 'x-amzn-query-error': queryError(error) });
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

/** The types that every action takes for granted. */
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
