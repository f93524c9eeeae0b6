import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  type BatchStatementRequest,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { cloudWith, tableResource, type World } from '../cloud-under-test.ts';

const resources = { Table: tableResource('jobs') };
const insert = (id: string, value: string): BatchStatementRequest => ({
  Statement: `INSERT INTO "jobs" VALUE {'JobID': ?, 'v': ?}`,
  Parameters: [{ S: id }, { S: value }],
});

async function batch({ dynamodb }: World, ...Statements: BatchStatementRequest[]) {
  const { Responses = [] } = await dynamodb.send(new BatchExecuteStatementCommand({ Statements }));
  return Responses;
}

async function item({ dynamodb }: World, id: string): Promise<Record<string, AttributeValue> | undefined> {
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'jobs', Key: { JobID: { S: id } } }));
  return Item;
}

describe('BatchExecuteStatement', () => {
  test('an INSERT on an existing key fails alone with DuplicateItem and changes nothing', async () => {
    await using world = await cloudWith(resources);
    await batch(world, insert('taken', 'first'));
    const responses = await batch(world, insert('new-1', 'a'), insert('taken', 'second'), insert('new-2', 'b'));
    expect(responses.map((response) => response.Error?.Code)).toEqual([undefined, 'DuplicateItem', undefined]);
    expect(await item(world, 'taken')).toEqual({ JobID: { S: 'taken' }, v: { S: 'first' } });
    expect(await item(world, 'new-1')).toEqual({ JobID: { S: 'new-1' }, v: { S: 'a' } });
    expect(await item(world, 'new-2')).toEqual({ JobID: { S: 'new-2' }, v: { S: 'b' } });
  });

  test('two statements on one item refuse the whole request, as DynamoDB Local does', async () => {
    await using world = await cloudWith(resources);
    const request = batch(world, insert('same', 'first'), insert('other', 'x'), insert('same', 'second'));
    await expect(request).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('contains duplicates'),
    });
    expect(await item(world, 'same')).toBeUndefined();
    expect(await item(world, 'other')).toBeUndefined();
  });

  test('an UPDATE sets and removes when its WHERE holds', async () => {
    await using world = await cloudWith(resources);
    await batch(world, insert('a', 'old'), insert('bystander', 'old'));
    const Statement = `UPDATE "jobs" SET "v"=? SET "two words"='x' REMOVE "old" WHERE "JobID"=? AND "v"=? AND "gone" IS MISSING`;
    const Parameters = [{ M: { deep: { L: [{ N: '1' }] } } }, { S: 'a' }, { S: 'old' }];
    expect(await batch(world, { Statement, Parameters })).toEqual([{ TableName: 'jobs' }]);
    expect(await item(world, 'a')).toEqual({
      JobID: { S: 'a' },
      v: { M: { deep: { L: [{ N: '1' }] } } },
      'two words': { S: 'x' },
    });
    expect(await item(world, 'bystander')).toEqual({ JobID: { S: 'bystander' }, v: { S: 'old' } });
  });

  test.each([
    [`"v"='other'`, 'a value that is another'],
    [`"v"='old' AND "w"='x'`, 'a value that is not there'],
    [`"v" IS MISSING`, 'an attribute that is there'],
  ])('an UPDATE whose WHERE asks for %s fails with ConditionalCheckFailed: %s', async (where) => {
    await using world = await cloudWith(resources);
    await batch(world, insert('a', 'old'));
    const [response] = await batch(world, {
      Statement: `UPDATE "jobs" SET "v"='new' WHERE "JobID"='a' AND ${where}`,
    });
    expect(response).toEqual({
      TableName: 'jobs',
      Error: { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
    });
    expect(await item(world, 'a')).toEqual({ JobID: { S: 'a' }, v: { S: 'old' } });
  });

  test('an UPDATE never creates an item', async () => {
    await using world = await cloudWith(resources);
    const [response] = await batch(world, { Statement: `UPDATE "jobs" SET "v"='x' WHERE "JobID"='absent'` });
    expect(response?.Error?.Code).toBe('ConditionalCheckFailed');
    expect(await item(world, 'absent')).toBeUndefined();
  });

  test.each<[string, BatchStatementRequest, string, string]>([
    ['no PartiQL', { Statement: 'INSRT' }, 'ValidationError', "wasn't well formed"],
    [
      'PartiQL that is not emulated',
      { Statement: `DELETE FROM "jobs" WHERE "JobID"='a'` },
      'ValidationError',
      'expected INSERT or UPDATE at character 1; the embedded cloud takes',
    ],
    [
      'a wish for the item that failed a condition',
      { ...insert('x', 'v'), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
      'ValidationError',
      'takes no ReturnValuesOnConditionCheckFailure',
    ],
    [
      'too few parameters',
      { Statement: `INSERT INTO "jobs" VALUE {'JobID': ?}` },
      'ValidationError',
      '0 given, 1 needed',
    ],
    ['no key', { Statement: `INSERT INTO "jobs" VALUE {'v': 'x'}` }, 'ValidationError', 'Missing the key JobID'],
    [
      'a key of the wrong type',
      { Statement: `INSERT INTO "jobs" VALUE {'JobID': ?}`, Parameters: [{ N: '1' }] },
      'ValidationError',
      'expected: S actual: N',
    ],
    ['an empty key', { Statement: `INSERT INTO "jobs" VALUE {'JobID': ''}` }, 'ValidationError', 'empty string'],
    ['a key over 2,048 bytes', insert('x'.repeat(2049), 'v'), 'ValidationError', '2048 bytes'],
    ['an item over 400 KB', insert('big', 'x'.repeat(410_000)), 'ValidationError', 'Item size has exceeded'],
    [
      'a WHERE without the key',
      { Statement: `UPDATE "jobs" SET "a"='1' WHERE "v"='1'` },
      'ValidationError',
      'equality on all key',
    ],
    [
      'a change of the key',
      { Statement: `UPDATE "jobs" SET "JobID"='b' WHERE "JobID"='a'` },
      'ValidationError',
      'part of the key',
    ],
    ['an unknown table', { Statement: `INSERT INTO "nope" VALUE {'JobID': 'a'}` }, 'ResourceNotFound', 'not found'],
  ])('%s fails alone', async (_, wrong, code, message) => {
    await using world = await cloudWith(resources);
    const responses = await batch(world, insert('before', '1'), wrong, insert('after', '2'));
    expect(responses.map((response) => response.Error?.Code)).toEqual([undefined, code, undefined]);
    expect(responses[1]?.Error?.Message).toContain(message);
    const { Count } = await world.dynamodb.send(new ScanCommand({ TableName: 'jobs' }));
    expect(Count).toBe(2);
  });

  test('more than 25 statements, or none, fail as a whole', async () => {
    await using world = await cloudWith(resources);
    const many = Array.from({ length: 26 }, (_, index) => insert(`i${index}`, 'x'));
    await expect(batch(world, ...many)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(batch(world)).rejects.toMatchObject({ name: 'ValidationException' });
    expect((await world.dynamodb.send(new ScanCommand({ TableName: 'jobs' }))).Count).toBe(0);
    expect(await batch(world, ...many.slice(0, 25))).toHaveLength(25);
  });

  test('beyond the write budget statements are throttled, and taken again once it has refilled', async () => {
    await using world = await cloudWith(resources, { tableLimits: { writeUnitsPerSecond: 10 } });
    const statements = Array.from({ length: 25 }, (_, index) => insert(`i${index}`, 'x'));
    const codes = (await batch(world, ...statements)).map((response) => response.Error?.Code ?? 'stored');
    expect(codes.filter((code) => code === 'stored').length).toBeGreaterThanOrEqual(10);
    expect(codes.filter((code) => code === 'ThrottlingError').length).toBeGreaterThanOrEqual(10);
    await expect(
      world.dynamodb.send(
        new PutItemCommand({ TableName: 'jobs', Item: { JobID: { S: 'p' }, v: { S: 'x'.repeat(20_000) } } }),
      ),
    ).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
    world.cloud.tableLimits.writeUnitsPerSecond = undefined;
    const again = (await batch(world, ...statements)).map((response) => response.Error?.Code ?? 'stored');
    expect(new Set(again)).toEqual(new Set(['stored', 'DuplicateItem']));
    expect((await world.dynamodb.send(new ScanCommand({ TableName: 'jobs' }))).Count).toBe(25);
  });
});

describe('the classic calls', () => {
  test('a failed condition returns the item when asked for', async () => {
    await using world = await cloudWith(resources);
    await batch(world, insert('a', 'old'));
    const put = { TableName: 'jobs', Item: { JobID: { S: 'a' } }, ConditionExpression: 'attribute_not_exists(JobID)' };
    await expect(
      world.dynamodb.send(new PutItemCommand({ ...put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })),
    ).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: { JobID: { S: 'a' }, v: { S: 'old' } } });
  });

  test('what is not emulated says so', async () => {
    await using world = await cloudWith(resources);
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [{ Delete: { TableName: 'jobs', Key: { JobID: { S: 'a' } } } }],
    });
    await expect(world.dynamodb.send(transaction)).rejects.toThrow(
      "DynamoDB's TransactWriteItems is not emulated here",
    );
  });
});
