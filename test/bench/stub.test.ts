import {
  BatchExecuteStatementCommand,
  type BatchStatementResponse,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Behaviour, StubTable } from '../../bench/stub/table.ts';

/** The real SDK over the stub. */
function world(behaviour: Behaviour = {}) {
  const table = new StubTable(behaviour);
  const requestHandler = {
    async handle({ headers, body }: { headers: Record<string, string>; body: Uint8Array }) {
      const answer = await table.answer(headers['x-amz-target'] ?? '', Buffer.from(body).toString());
      return { response: { statusCode: answer.status, headers: {}, body: Buffer.from(answer.body) } };
    },
  };
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
    requestHandler: requestHandler as never,
  });
  return { table, client };
}

const codes = (responses: BatchStatementResponse[] = []) => responses.map((response) => response.Error?.Code);

const insert = (id: string, result = '1') => ({
  Statement: `INSERT INTO "results" VALUE {'JobID':?,'Result':?}`,
  Parameters: [{ S: id }, { N: result }],
});

test('each statement of a request succeeds or fails for itself', async () => {
  const { table, client } = world();
  await client.send(new BatchExecuteStatementCommand({ Statements: [insert('a')] }));
  const { Responses } = await client.send(
    new BatchExecuteStatementCommand({ Statements: [insert('a', '2'), insert('b')] }),
  );
  expect(codes(Responses)).toEqual(['DuplicateItem', undefined]);
  expect([...table.results()]).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
  expect(table.doubles()).toBe(0);
  expect(table.counts).toMatchObject({ requests: 2, writeUnits: 3 });
});

test('an update changes what its conditions name and nothing else', async () => {
  const { table, client } = world();
  await client.send(new BatchExecuteStatementCommand({ Statements: [insert('a'), insert('b')] }));
  const update = (owner: string) => ({
    Statement: `UPDATE "results" SET "Result"=? WHERE "JobID"=? AND "Result"=?`,
    Parameters: [{ N: '9' }, { S: 'a' }, { N: owner }],
  });
  const { Responses } = await client.send(new BatchExecuteStatementCommand({ Statements: [update('7'), update('1')] }));
  expect(codes(Responses)).toEqual(['ConditionalCheckFailed', undefined]);
  expect([...table.results()]).toEqual([
    ['a', 9],
    ['b', 1],
  ]);
});

test('a conditional put keeps what is there, and an unconditional one counts as written twice', async () => {
  const { table, client } = world();
  const put = (ConditionExpression?: string) =>
    client.send(
      new PutItemCommand({
        TableName: 'results',
        Item: { JobID: { S: 'a' }, Result: { N: '1' } },
        ConditionExpression,
      }),
    );
  await put('attribute_not_exists(JobID)');
  await expect(put('attribute_not_exists(JobID)')).rejects.toThrow(/ConditionalCheckFailed/);
  expect(table.doubles()).toBe(0);
  await put();
  expect(table.doubles()).toBe(1);
});

test('beyond its write units the table throttles, statement by statement', async () => {
  const { table, client } = world({ writeUnitsPerSecond: 2 });
  const { Responses } = await client.send(
    new BatchExecuteStatementCommand({ Statements: ['a', 'b', 'c'].map((id) => insert(id)) }),
  );
  expect(codes(Responses)).toEqual([undefined, undefined, 'ThrottlingError']);
  expect(table.counts).toMatchObject({ writeUnits: 2, throttled: 1 });
});

test('an answer that is lost leaves its write', async () => {
  const { table, client } = world({ lostAnswers: 1 });
  await expect(client.send(new BatchExecuteStatementCommand({ Statements: [insert('a')] }))).rejects.toThrow();
  expect([...table.results()]).toEqual([['a', 1]]);
  const { Item } = await client.send(new GetItemCommand({ TableName: 'results', Key: { JobID: { S: 'a' } } }));
  expect(Item?.Result).toEqual({ N: '1' });
});
