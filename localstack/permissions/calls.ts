import { PartiqlError, parse } from '../dynamodb/partiql.ts';
import type { Permission } from './policy.ts';

/** The account and region that the ARNs of this cloud contain. */
export interface Place {
  region: string;
  accountId: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a request body is whatever the client sent
type Body = any;

/** A batch call needs the permission of the single call [Service Authorization Reference: SQS]. */
const SQS_BATCH = /Batch$/;

/** Whether `callsOf` knows the service. */
export const isMapped = (target: string): boolean => /^(AmazonSQS|DynamoDB_20120810)\./.test(target);

/**
 * The permissions that a request to SQS or DynamoDB needs, by AWS's Service Authorization Reference.
 * @param target X-Amz-Target, such as `AmazonSQS.SendMessageBatch`
 * @returns an empty list for a body that cannot be read, because the service refuses it in any case
 */
export function callsOf(target: string, body: Buffer, place: Place): Permission[] {
  const [service, operation = ''] = target.split('.');
  const input = readBody(body);
  if (service !== 'AmazonSQS') return dynamodbCalls(operation, input, place);
  const queue = String(input.QueueUrl ?? '*')
    .split('/')
    .at(-1);
  return [
    {
      action: `sqs:${operation.replace(SQS_BATCH, '')}`,
      resource: `arn:aws:sqs:${place.region}:${place.accountId}:${queue}`,
    },
  ];
}

function dynamodbCalls(operation: string, input: Body, { region, accountId }: Place): Permission[] {
  const on = (table: unknown, index?: unknown) =>
    `arn:aws:dynamodb:${region}:${accountId}:table/${table}${index ? `/index/${index}` : ''}`;
  if (Array.isArray(input.Statements)) {
    return input.Statements.flatMap(({ Statement }: Body) => {
      const parsed = tryParse(Statement);
      return parsed ? [{ action: PARTIQL[parsed.kind], resource: on(parsed.table) }] : [];
    });
  }
  const tables = input.RequestItems ? Object.keys(input.RequestItems) : [input.TableName ?? '*'];
  return tables.map((table) => ({ action: `dynamodb:${operation}`, resource: on(table, input.IndexName) }));
}

const PARTIQL = {
  insert: 'dynamodb:PartiQLInsert',
  update: 'dynamodb:PartiQLUpdate',
};

function tryParse(text: unknown) {
  try {
    return parse(String(text)).statement;
  } catch (error) {
    if (error instanceof PartiqlError) return undefined;
    throw error;
  }
}

function readBody(body: Buffer): Body {
  try {
    return JSON.parse(body.toString()) ?? {};
  } catch {
    return {};
  }
}
