import {
  DescribeTimeToLiveCommand,
  PutItemCommand,
  ScanCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { cloudWith, eventually, tableResource, type World } from '../cloud-under-test.ts';

const withTtl = { TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } };
const now = () => Math.floor(Date.now() / 1000);

async function put({ dynamodb }: World, TableName: string, id: string, ttl: object) {
  await dynamodb.send(new PutItemCommand({ TableName, Item: { JobID: { S: id }, ...ttl } }));
}

async function ids({ dynamodb }: World, TableName: string) {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName }));
  return Items.map((item) => item.JobID?.S).sort();
}

describe('time to live', () => {
  test('a sweep deletes what has expired and nothing else', async () => {
    await using world = await cloudWith({ A: tableResource('with', withTtl), B: tableResource('without') });
    await put(world, 'with', 'expired', { ttl: { N: String(now() - 10) } });
    await put(world, 'with', 'later', { ttl: { N: String(now() + 100) } });
    await put(world, 'with', 'no-ttl', {});
    await put(world, 'with', 'text', { ttl: { S: '1' } });
    await put(world, 'with', 'ancient', { ttl: { N: String(now() - 6 * 366 * 86_400) } });
    await put(world, 'without', 'expired', { ttl: { N: String(now() - 10) } });
    expect(await world.cloud.sweepExpired()).toBe(1);
    expect(await ids(world, 'with')).toEqual(['ancient', 'later', 'no-ttl', 'text']);
    expect(await ids(world, 'without')).toEqual(['expired']);
  });

  test('it sweeps by itself', async () => {
    await using world = await cloudWith({ A: tableResource('with', withTtl) }, { ttlSweepSeconds: 0.05 });
    await put(world, 'with', 'expired', { ttl: { N: String(now() - 10) } });
    await eventually(async () => expect(await ids(world, 'with')).toEqual([]));
  });

  test('it is switched on and off by the API', async () => {
    await using world = await cloudWith({ A: tableResource('jobs') });
    const describeIt = () => world.dynamodb.send(new DescribeTimeToLiveCommand({ TableName: 'jobs' }));
    const update = (Enabled: boolean) =>
      world.dynamodb.send(
        new UpdateTimeToLiveCommand({
          TableName: 'jobs',
          TimeToLiveSpecification: { AttributeName: 'until', Enabled },
        }),
      );
    expect((await describeIt()).TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'DISABLED' });
    await update(true);
    expect((await describeIt()).TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'until' });
    await expect(update(true)).rejects.toMatchObject({ name: 'ValidationException' });
    await update(false);
    expect((await describeIt()).TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'DISABLED' });
    const unknown = new DescribeTimeToLiveCommand({ TableName: 'nope' });
    await expect(world.dynamodb.send(unknown)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
