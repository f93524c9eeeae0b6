import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  type BatchStatementRequest,
  ExecuteStatementCommand,
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
    expect(responses[1]?.Error?.Item).toBeUndefined();
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
    const Statement =
      'UPDATE "jobs" SET v = ?, n = 1, "two words" = [1] REMOVE gone WHERE JobID = ? AND v = ? AND gone IS MISSING';
    expect(await batch(world, { Statement, Parameters: [{ S: 'new' }, { S: 'a' }, { S: 'old' }] })).toEqual([
      { TableName: 'jobs' },
    ]);
    expect(await item(world, 'a')).toEqual({
      JobID: { S: 'a' },
      v: { S: 'new' },
      n: { N: '1' },
      'two words': { L: [{ N: '1' }] },
    });
    expect(await item(world, 'bystander')).toEqual({ JobID: { S: 'bystander' }, v: { S: 'old' } });
  });

  test('an UPDATE whose WHERE does not hold fails with ConditionalCheckFailed and the item when asked for', async () => {
    await using world = await cloudWith(resources);
    await batch(world, insert('a', 'old'));
    const Statement = 'UPDATE "jobs" SET v = ? WHERE JobID = ? AND v = ?';
    const Parameters = [{ S: 'new' }, { S: 'a' }, { S: 'other' }];
    const [silent] = await batch(world, { Statement, Parameters });
    const asked = { Statement, Parameters, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
    const [telling] = await batch(world, asked);
    expect(silent?.Error).toEqual({ Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' });
    expect(telling?.Error?.Item).toEqual({ JobID: { S: 'a' }, v: { S: 'old' } });
    expect(await item(world, 'a')).toEqual({ JobID: { S: 'a' }, v: { S: 'old' } });
  });

  test('an UPDATE never creates an item', async () => {
    await using world = await cloudWith(resources);
    const [response] = await batch(world, { Statement: `UPDATE "jobs" SET v = 'x' WHERE JobID = 'absent'` });
    expect(response?.Error?.Code).toBe('ConditionalCheckFailed');
    expect(await item(world, 'absent')).toBeUndefined();
  });

  test('a DELETE succeeds for an absent item, and checks its WHERE on a present one', async () => {
    await using world = await cloudWith(resources);
    await batch(world, insert('keep', 'x'), insert('drop', 'x'));
    const remove = (id: string, value: string) => ({
      Statement: 'DELETE FROM "jobs" WHERE JobID = ? AND v = ?',
      Parameters: [{ S: id }, { S: value }],
    });
    const responses = await batch(world, remove('absent', 'x'), remove('keep', 'y'), remove('drop', 'x'));
    expect(responses.map((response) => response.Error?.Code)).toEqual([undefined, 'ConditionalCheckFailed', undefined]);
    expect(await item(world, 'keep')).toBeDefined();
    expect(await item(world, 'drop')).toBeUndefined();
  });

  test.each([
    ['n < 5 AND n >= 3', true],
    ["n > 5 OR v = 'x'", true],
    ['n <> 3', false],
    ['NOT (n = 4)', true],
    ['n BETWEEN 1 AND 3', true],
    ["v IN ['a', 'x']", true],
    ['m.deep[0] = 1', true],
    ['m.deep[1] IS MISSING', true],
    ['v IS NOT MISSING AND absent IS MISSING', true],
    ["attribute_type(v, 'N')", false],
    ["begins_with(v, 'x')", true],
    ["contains(v, 'q')", false],
    ['size(v) = 1', true],
    ["(n = 1 OR n = 3) AND v = 'x'", true],
    ["n = 1 OR n = 3 AND v = 'y'", false],
  ])('WHERE %s is %s', async (where, holds) => {
    await using world = await cloudWith(resources);
    await batch(world, { Statement: `INSERT INTO "jobs" VALUE {'JobID': 'a', 'n': 3, 'v': 'x', 'm': {'deep': [1]}}` });
    const [response] = await batch(world, {
      Statement: `UPDATE "jobs" SET hit = true WHERE JobID = 'a' AND (${where})`,
    });
    expect(response?.Error?.Code).toBe(holds ? undefined : 'ConditionalCheckFailed');
    expect((await item(world, 'a'))?.hit).toEqual(holds ? { BOOL: true } : undefined);
  });

  test('SELECTs read their items; an absent one gives no Item', async () => {
    await using world = await cloudWith(resources);
    await batch(world, insert('a', '1'));
    const select = (id: string) => ({ Statement: 'SELECT * FROM "jobs" WHERE JobID = ?', Parameters: [{ S: id }] });
    expect(await batch(world, select('a'), select('b'))).toEqual([
      { TableName: 'jobs', Item: { JobID: { S: 'a' }, v: { S: '1' } } },
      { TableName: 'jobs' },
    ]);
  });

  test.each<[string, BatchStatementRequest, string, string]>([
    ['no PartiQL', { Statement: 'INSRT' }, 'ValidationError', "wasn't well formed"],
    [
      'too few parameters',
      { Statement: `INSERT INTO "jobs" VALUE {'JobID': ?}` },
      'ValidationError',
      '0 given, 1 needed',
    ],
    ['no key', { Statement: `INSERT INTO "jobs" VALUE {'v': 1}` }, 'ValidationError', 'Missing the key JobID'],
    [
      'a key of the wrong type',
      { Statement: `INSERT INTO "jobs" VALUE {'JobID': 1}` },
      'ValidationError',
      'expected: S actual: N',
    ],
    ['an empty key', { Statement: `INSERT INTO "jobs" VALUE {'JobID': ''}` }, 'ValidationError', 'empty string'],
    ['a key over 2,048 bytes', insert('x'.repeat(2049), 'v'), 'ValidationError', '2048 bytes'],
    ['an item over 400 KB', insert('big', 'x'.repeat(410_000)), 'ValidationError', 'Item size has exceeded'],
    [
      'a WHERE without the key',
      { Statement: 'UPDATE "jobs" SET a = 1 WHERE v = 1' },
      'ValidationError',
      'equality on all key',
    ],
    [
      'a change of the key',
      { Statement: `UPDATE "jobs" SET JobID = 'b' WHERE JobID = 'a'` },
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

  test('more than 25 statements, none, or reads among writes fail as a whole', async () => {
    await using world = await cloudWith(resources);
    const many = Array.from({ length: 26 }, (_, index) => insert(`i${index}`, 'x'));
    await expect(batch(world, ...many)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(batch(world)).rejects.toMatchObject({ name: 'ValidationException' });
    const mixed = [insert('a', 'x'), { Statement: `SELECT * FROM "jobs" WHERE JobID = 'a'` }];
    await expect(batch(world, ...mixed)).rejects.toMatchObject({ name: 'ValidationException' });
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

describe('ExecuteStatement', () => {
  const execute = ({ dynamodb }: World, Statement: string) => dynamodb.send(new ExecuteStatementCommand({ Statement }));

  test('its failure is the failure of the request', async () => {
    await using world = await cloudWith(resources);
    await execute(world, `INSERT INTO jobs VALUE {'JobID': 'a', 'n': 1}`);
    await expect(execute(world, `INSERT INTO jobs VALUE {'JobID': 'a'}`)).rejects.toMatchObject({
      name: 'DuplicateItemException',
    });
    await expect(execute(world, `UPDATE jobs SET n = 2 WHERE JobID = 'a' AND n = 9`)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
    await expect(execute(world, 'nonsense')).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('RETURNING gives the item, and arithmetic counts on it', async () => {
    await using world = await cloudWith(resources);
    await execute(world, `INSERT INTO jobs VALUE {'JobID': 'a', 'n': 1}`);
    const { Items } = await execute(world, `UPDATE jobs SET n = n + 2 WHERE JobID = 'a' RETURNING ALL NEW *`);
    expect(Items).toEqual([{ JobID: { S: 'a' }, n: { N: '3' } }]);
    expect((await execute(world, `SELECT n FROM jobs WHERE n > 2`)).Items).toEqual([{ n: { N: '3' } }]);
    expect((await execute(world, `SELECT * FROM jobs WHERE n > 3`)).Items).toEqual([]);
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
