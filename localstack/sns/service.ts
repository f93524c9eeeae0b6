import { randomUUID } from 'node:crypto';
import type { Fauxqs } from '../fauxqs/fauxqs.ts';
import { SnsError, type SnsTopic } from '../fauxqs/internals.ts';
import type { Answer, ServiceRequest } from '../gateway/request.ts';
import { element, elements } from '../gateway/xml.ts';
import type { QueueStore } from '../sqs/store.ts';
import { deliver, idOfContent } from './delivery.ts';
import { invalidParameter } from './errors.ts';
import { itemsOf, readForm, type Tree, textOf } from './form.ts';
import { bytesOf, MOST_BYTES, type Published, readMessage } from './message.ts';
import { checkSubscription, isFifo } from './subscription.ts';

const MOST_ENTRIES = 10;
const ENTRY_ID = /^[\w-]{1,80}$/;

/**
 * SNS. Publishing is our own: fauxqs matches filters by other rules than SNS, loses what a queue refuses, and passes no
 * trace on. It also takes subscriptions that SNS refuses, so they are checked first. Topics are fauxqs' own.
 */
export class SnsService {
  readonly #fauxqs: Fauxqs;
  readonly #queues: QueueStore;
  readonly #log: (line: string) => void;

  constructor(fauxqs: Fauxqs, queues: QueueStore, log: (line: string) => void) {
    this.#fauxqs = fauxqs;
    this.#queues = queues;
    this.#log = log;
  }

  async handle(request: ServiceRequest, form: URLSearchParams): Promise<Answer> {
    const action = form.get('Action') ?? '';
    const fields = readForm(form);
    const header = request.headers['x-amzn-trace-id'];
    const trace = header === undefined ? undefined : String(header);
    try {
      switch (action) {
        case 'Publish':
          return answer(action, this.#publish(fields, trace));
        case 'PublishBatch':
          return answer(action, this.#publishBatch(fields, trace));
        case 'Subscribe':
          this.#checkNew(fields);
          break;
        case 'SetSubscriptionAttributes':
          this.#checkChange(fields);
      }
    } catch (error) {
      if (!(error instanceof SnsError)) throw error;
      return refusal(error);
    }
    return this.#fauxqs.handleForm(request);
  }

  #publish(fields: Tree, trace: string | undefined) {
    const topic = this.#topic(textOf(fields, 'TopicArn') ?? textOf(fields, 'TargetArn'));
    return this.#put(topic, readMessage(fields, trace, isFifo(topic)));
  }

  /** Each entry is taken or refused for itself. The batch as a whole is as limited as one message. */
  #publishBatch(fields: Tree, trace: string | undefined) {
    const topic = this.#topic(textOf(fields, 'TopicArn'));
    const entries = itemsOf(fields, 'PublishBatchRequestEntries');
    checkEntries(entries);
    const read = entries.map((entry) => attempt(entry, () => readMessage(entry, trace, isFifo(topic))));
    const bytes = read.reduce((sum, { result }) => sum + (result ? bytesOf(result) : 0), 0);
    if (bytes > MOST_BYTES) {
      throw new SnsError('BatchRequestTooLong', `The length of all the messages put together is more than the limit.`);
    }
    const done = read.map(({ Id, result, error }) =>
      result ? attempt({ Id }, () => this.#put(topic, result)) : { Id, error },
    );
    const Successful = done.flatMap(({ Id, ...rest }) =>
      'result' in rest && rest.result ? [{ Id, ...rest.result }] : [],
    );
    const Failed = done.flatMap(({ Id, error }) =>
      error ? [{ Id, Code: error.code, Message: error.message, SenderFault: error.senderFault }] : [],
    );
    return { Successful: { member: Successful }, Failed: { member: Failed } };
  }

  #put(topic: SnsTopic, message: Published) {
    const messageId = randomUUID();
    deliver({ topic, messageId, message: deduplicated(topic, message) }, this.#fauxqs.topics, this.#queues, this.#log);
    return { MessageId: messageId };
  }

  #checkNew(fields: Tree) {
    if (textOf(fields, 'Protocol') !== 'sqs') return;
    const entries = itemsOf(fields, 'Attributes').map((entry) => [
      textOf(entry, 'key') ?? '',
      textOf(entry, 'value') ?? '',
    ]);
    const topic = this.#fauxqs.topics.getTopic(textOf(fields, 'TopicArn') ?? '');
    checkSubscription(topic, textOf(fields, 'Endpoint') ?? '', Object.fromEntries(entries));
  }

  #checkChange(fields: Tree) {
    const subscription = this.#fauxqs.topics.getSubscription(textOf(fields, 'SubscriptionArn') ?? '');
    const name = textOf(fields, 'AttributeName');
    if (subscription?.protocol !== 'sqs' || !name) return;
    const value = textOf(fields, 'AttributeValue') ?? '';
    checkSubscription(undefined, subscription.endpoint, { ...subscription.attributes, [name]: value });
  }

  #topic(arn: string | undefined): SnsTopic {
    if (!arn) throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
    const topic = this.#fauxqs.topics.getTopic(arn);
    if (topic) return topic;
    throw new SnsError('NotFound', 'Topic does not exist', 404);
  }
}

/** Where a FIFO topic deduplicates by content, the content's hash is the id. @throws {SnsError} without an id */
function deduplicated(topic: SnsTopic, message: Published): Published {
  if (!isFifo(topic) || message.deduplicationId !== undefined) return message;
  if (topic.attributes.ContentBasedDeduplication === 'true')
    return { ...message, deduplicationId: idOfContent(message.body) };
  throw invalidParameter(
    'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}

/** @throws {SnsError} for what SNS refuses whole */
function checkEntries(entries: readonly Tree[]) {
  const ids = entries.map((entry) => textOf(entry, 'Id') ?? '');
  if (ids.length === 0) throw new SnsError('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  if (ids.length > MOST_ENTRIES) {
    throw new SnsError('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.');
  }
  if (!ids.every((id) => ENTRY_ID.test(id))) {
    throw new SnsError(
      'InvalidBatchEntryId',
      'The Id of a batch entry in a batch request does not abide by the specification.',
    );
  }
  if (new Set(ids).size < ids.length) {
    throw new SnsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
}

interface Attempt<Result> {
  readonly Id: string;
  readonly result?: Result;
  readonly error?: SnsError;
}

function attempt<Result>(entry: Tree, run: () => Result): Attempt<Result> {
  const Id = textOf(entry, 'Id') ?? '';
  try {
    return { Id, result: run() };
  } catch (error) {
    if (error instanceof SnsError) return { Id, error };
    throw error;
  }
}

function answer(action: string, result: object): Answer {
  const metadata = element('ResponseMetadata', { RequestId: randomUUID() });
  const body = `<${action}Result>${elements(result)}</${action}Result>${metadata}`;
  return xml(200, `<${action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${body}</${action}Response>`);
}

function refusal({ statusCode, senderFault, code, message }: SnsError): Answer {
  const error = element('Error', { Type: senderFault ? 'Sender' : 'Receiver', Code: code, Message: message });
  const body = `${error}<RequestId>${randomUUID()}</RequestId>`;
  return xml(statusCode, `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${body}</ErrorResponse>`);
}

const xml = (status: number, body: string): Answer => ({ status, headers: { 'content-type': 'text/xml' }, body });
