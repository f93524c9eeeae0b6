import { randomUUID } from 'node:crypto';
import type { SqsError } from '../fauxqs/internals.ts';
import type { ServiceRequest } from '../gateway/request.ts';
import { element, elements } from '../gateway/xml.ts';
import type { Body } from './call.ts';

type Tree = { [name: string]: Tree | string };

/** List parameters, as the form names them and as the JSON protocol does. */
const LISTS: Record<string, string> = {
  AttributeName: 'AttributeNames',
  MessageAttributeName: 'MessageAttributeNames',
  MessageSystemAttributeName: 'MessageSystemAttributeNames',
  TagKey: 'TagKeys',
  SendMessageBatchRequestEntry: 'Entries',
  DeleteMessageBatchRequestEntry: 'Entries',
  ChangeMessageVisibilityBatchRequestEntry: 'Entries',
};
/** Map parameters: `Attribute.1.Name=...&Attribute.1.Value=...`. */
const MAPS: Record<string, string> = {
  Attribute: 'Attributes',
  MessageAttribute: 'MessageAttributes',
  MessageSystemAttribute: 'MessageSystemAttributes',
};
const NUMBERS = new Set(['DelaySeconds', 'VisibilityTimeout', 'WaitTimeSeconds', 'MaxNumberOfMessages', 'MaxResults']);
/** Errors that the query protocol prefixes. */
const PREFIXED =
  /^(NonExistentQueue|.*Batch.*|PurgeQueueInProgress|UnsupportedOperation|QueueDeletedRecently|MessageNotInflight)$/;
const RENAMED: Record<string, string> = { QueueNameExists: 'QueueAlreadyExists' };

/** Reads the fields of a form as the body that the JSON protocol would have sent. */
export function readForm(form: URLSearchParams, request: ServiceRequest): Body {
  const tree: Tree = Object.create(null);
  for (const [name, value] of form) plant(tree, name.split('.'), value);
  delete tree.Action;
  delete tree.Version;
  const body = fields(tree);
  // TagQueue wants `Tags`, CreateQueue `tags`; the form knows only `Tag`.
  if (body.Tags) body.tags = body.Tags;
  // Old clients post to the queue's own URL instead of naming it.
  if (!body.QueueUrl && request.path.split('/').length === 3) body.QueueUrl = `http://queue${request.path}`;
  return body;
}

function plant(tree: Tree, path: string[], value: string) {
  let branch = tree;
  for (const step of path.slice(0, -1)) {
    if (typeof branch[step] !== 'object') branch[step] = Object.create(null);
    branch = branch[step] as Tree;
  }
  branch[path.at(-1) ?? ''] = value;
}

function fields(tree: Tree): Body {
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => field(name, value)));
}

function field(name: string, value: Tree | string): [string, unknown] {
  if (typeof value === 'string') return [name, NUMBERS.has(name) ? Number(value) : value];
  const list = LISTS[name];
  if (list) return [list, ordered(value).map((item) => (typeof item === 'string' ? item : fields(item)))];
  const map = MAPS[name];
  if (map) return [map, Object.fromEntries(ordered(value).map((item) => pair(item as Tree, 'Name')))];
  if (name === 'Tag') return ['Tags', Object.fromEntries(ordered(value).map((item) => pair(item as Tree, 'Key')))];
  return [name, fields(value)];
}

/** The items of `Name.1`, `Name.2`, ... in the order of their numbers. */
const ordered = (tree: Tree) =>
  Object.keys(tree)
    .sort((a, b) => Number(a) - Number(b))
    .map((key) => tree[key] as Tree | string);

function pair(item: Tree, key: string): [string, unknown] {
  const value = item.Value;
  return [String(item[key]), typeof value === 'object' ? fields(value) : value];
}

/** The answer of one action as the XML that the query protocol wants. */
export function answerXml(action: string, output: Record<string, unknown>): string {
  const result = elements(asElements(action, output));
  const metadata = `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
  const body = `<${action}Result>${result}</${action}Result>${metadata}`;
  return `<?xml version="1.0"?><${action}Response xmlns="http://queue.amazonaws.com/doc/2012-11-05/">${body}</${action}Response>`;
}

function asElements(action: string, output: Record<string, unknown>): Record<string, unknown> {
  const { QueueUrls, queueUrls, Messages, Attributes, Successful, Failed, Tags, ...rest } = output;
  return {
    ...rest,
    QueueUrl: QueueUrls ?? queueUrls ?? rest.QueueUrl,
    Message: (Messages as Record<string, unknown>[] | undefined)?.map(messageElements),
    Attribute: pairs(Attributes, 'Name'),
    Tag: pairs(Tags, 'Key'),
    [`${action}ResultEntry`]: Successful,
    BatchResultErrorEntry: Failed,
  };
}

function messageElements({ Attributes, MessageAttributes, ...rest }: Record<string, unknown>) {
  return { ...rest, Attribute: pairs(Attributes, 'Name'), MessageAttribute: pairs(MessageAttributes, 'Name') };
}

const pairs = (map: unknown, key: string) =>
  map ? Object.entries(map).map(([name, Value]) => ({ [key]: name, Value })) : undefined;

const fullCode = ({ queryCode }: SqsError) =>
  PREFIXED.test(queryCode) ? `AWS.SimpleQueueService.${queryCode}` : (RENAMED[queryCode] ?? queryCode);

/** The header that says it to SDKs over the JSON protocol; what they do not know as an error's code becomes its name. */
export const queryError = (error: SqsError) => `${fullCode(error)};${error.senderFault ? 'Sender' : 'Receiver'}`;

/** An error as the query protocol's XML. */
export function errorXml(error: SqsError): string {
  const fields = {
    Type: error.senderFault ? 'Sender' : 'Receiver',
    Code: fullCode(error),
    Message: error.message,
  };
  return `<?xml version="1.0"?><ErrorResponse>${element('Error', fields)}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
}
