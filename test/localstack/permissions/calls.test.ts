import { callsOf } from '../../../localstack/permissions/calls.ts';

const PLACE = { region: 'eu-central-1', accountId: '000000000000' };
const calls = (target: string, body: unknown) =>
  callsOf(target, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), PLACE).map(
    ({ action, resource }) => `${action} ${resource}`,
  );
const dynamodb = (operation: string, body: unknown) => calls(`DynamoDB_20120810.${operation}`, body);
const TABLES = 'arn:aws:dynamodb:eu-central-1:000000000000:table';

test.each([
  ['SendMessage', 'sqs:SendMessage'],
  ['SendMessageBatch', 'sqs:SendMessage'],
  ['ChangeMessageVisibilityBatch', 'sqs:ChangeMessageVisibility'],
  ['GetQueueAttributes', 'sqs:GetQueueAttributes'],
])('%s on a queue needs %s', (operation, action) => {
  expect(calls(`AmazonSQS.${operation}`, { QueueUrl: 'http://127.0.0.1:4566/000000000000/jobs' })).toEqual([
    `${action} arn:aws:sqs:eu-central-1:000000000000:jobs`,
  ]);
});

test('each statement of a batch needs the permission of its kind, on its own table', () => {
  const Statements = [`INSERT INTO "a" VALUE {'id':?}`, `UPDATE "b" SET "x"=? WHERE "id"=?`].map((Statement) => ({
    Statement,
  }));
  const expected = [`dynamodb:PartiQLInsert ${TABLES}/a`, `dynamodb:PartiQLUpdate ${TABLES}/b`];
  expect(dynamodb('BatchExecuteStatement', { Statements })).toEqual(expected);
});

test('a classic operation needs the permission of its name, on every table and index it names', () => {
  expect(dynamodb('PutItem', { TableName: 'a', Item: {} })).toEqual([`dynamodb:PutItem ${TABLES}/a`]);
  expect(dynamodb('Query', { TableName: 'a', IndexName: 'byDay' })).toEqual([`dynamodb:Query ${TABLES}/a/index/byDay`]);
  expect(dynamodb('BatchGetItem', { RequestItems: { a: {}, b: {} } })).toEqual([
    `dynamodb:BatchGetItem ${TABLES}/a`,
    `dynamodb:BatchGetItem ${TABLES}/b`,
  ]);
});

test('a statement that cannot be read needs nothing: the table refuses it', () => {
  expect(dynamodb('BatchExecuteStatement', { Statements: [{ Statement: 'DROP TABLE a' }] })).toEqual([]);
});

test('a body that is not JSON names no queue and no table', () => {
  expect(calls('AmazonSQS.SendMessage', '{')).toEqual(['sqs:SendMessage arn:aws:sqs:eu-central-1:000000000000:*']);
  expect(dynamodb('PutItem', 'null')).toEqual([`dynamodb:PutItem ${TABLES}/*`]);
});
