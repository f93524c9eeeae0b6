import { createServer } from 'node:net';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { startCloud } from '../../localstack/cloud.ts';
import { PortError } from '../../localstack/gateway/gateway.ts';
import {
  cloudWith,
  functionResource,
  packageDirectory,
  queueResource,
  tableResource,
  type World,
} from './cloud-under-test.ts';

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=x`,
});

async function call(world: World, path: string, init: RequestInit = {}) {
  const response = await fetch(`${world.cloud.endpoint}${path}`, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe('the one port', () => {
  test('answers every service it emulates', async () => {
    await using world = await cloudWith({ Queue: queueResource('work'), Table: tableResource('jobs') });
    const { endpoint } = world.cloud;
    expect((await world.sqs.send(new ListQueuesCommand({}))).QueueUrls).toEqual([world.queueUrl('work')]);
    expect((await world.dynamodb.send(new ListTablesCommand({}))).TableNames).toEqual(['jobs']);
    const form = (Action: string, service: string) =>
      call(world, '/', { method: 'POST', body: new URLSearchParams({ Action }), headers: signed(service) });
    expect((await form('GetCallerIdentity', 'sts')).text).toContain('<Account>000000000000</Account>');
    expect((await form('ListTopics', 'sns')).text).toContain('ListTopicsResult');
    expect((await form('DescribeStacks', 'cloudformation')).text).toContain(
      '<StackStatus>CREATE_COMPLETE</StackStatus>',
    );
    expect((await call(world, '/a-bucket', { method: 'PUT', headers: signed('s3') })).status).toBe(200);
    await call(world, '/a-bucket/key', { method: 'PUT', headers: signed('s3'), body: 'content' });
    expect((await call(world, '/a-bucket/key', { headers: signed('s3') })).text).toBe('content');
    expect(JSON.parse((await call(world, '/2015-03-31/functions/')).text)).toEqual({ Functions: [] });
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test('forms without a signature are told apart by their action', async () => {
    await using world = await cloudWith({ Queue: queueResource('work') });
    const form = (Action: string) => call(world, '/', { method: 'POST', body: new URLSearchParams({ Action }) });
    expect((await form('GetCallerIdentity')).text).toContain('GetCallerIdentityResult');
    expect((await form('ListQueues')).text).toContain(world.queueUrl('work'));
    expect((await form('ListTopics')).text).toContain('ListTopicsResult');
    expect((await form('DescribeStacks')).text).toContain('StackName');
  });

  test('a service that is not emulated gets a clear error in its own protocol, which no SDK retries', async () => {
    await using world = await cloudWith({});
    const json = await call(world, '/', {
      method: 'POST',
      headers: { ...signed('logs'), 'x-amz-target': 'Logs_20140328.DescribeLogGroups' },
    });
    expect(json.status).toBe(501);
    expect(JSON.parse(json.text)).toEqual({
      __type: 'NotImplemented',
      message: expect.stringContaining('does not emulate logs (DescribeLogGroups). It emulates SQS, SNS'),
    });
    const body = new URLSearchParams({ Action: 'ListRoles' });
    const xml = await call(world, '/', { method: 'POST', headers: signed('iam'), body });
    expect(xml.status).toBe(501);
    expect(xml.text).toContain('<Code>NotImplemented</Code>');
    expect(xml.text).toContain('does not emulate iam (ListRoles)');
  });

  test.each([
    ['sqs', 'AmazonSQS.SendMessage'],
    ['dynamodb', 'DynamoDB_20120810.PutItem'],
  ])('garbage for %s is an error of the client, and the port lives on', async (service, target) => {
    await using world = await cloudWith({ Queue: queueResource('work') });
    for (const body of ['{', 'null', '[]', '""', '{"QueueUrl":5}', '{"TableName":{"a":1}}']) {
      const answer = await call(world, '/', {
        method: 'POST',
        headers: { ...signed(service), 'x-amz-target': target },
        body,
      });
      expect([body, answer.status]).toEqual([body, 400]);
    }
    expect((await world.sqs.send(new ListQueuesCommand({}))).QueueUrls).toHaveLength(1);
  });
});

describe('the port itself', () => {
  test('a taken port is an error that names it and says how to choose another', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { template } = packageDirectory({});
    const started = startCloud({ template, port });
    await expect(started).rejects.toBeInstanceOf(PortError);
    await expect(started).rejects.toThrow(
      `Port ${port} is taken by another process. Choose another with --port or SLUICE_PORT`,
    );
    await new Promise((resolve) => other.close(resolve));
    const cloud = await startCloud({ template, port });
    expect(cloud.endpoint).toBe(`http://127.0.0.1:${port}`);
    await cloud.close();
  });

  test('it is free again after closing', async () => {
    const { template } = packageDirectory({});
    const first = await startCloud({ template, port: 0 });
    await first.close();
    const again = await startCloud({ template, port: Number(new URL(first.endpoint).port) });
    expect(again.endpoint).toBe(first.endpoint);
    await again.close();
  });
});

describe('health', () => {
  test('it is healthy in the shape of LocalStack once every mapping polls', async () => {
    await using world = await cloudWith({
      Queue: queueResource('work'),
      Function: functionResource('worker'),
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: { EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] }, FunctionName: { Ref: 'Function' } },
      },
    });
    const statuses: number[] = [];
    let last = { text: '' };
    while (statuses.at(-1) !== 200) {
      const answer = await call(world, '/_localstack/health');
      statuses.push(answer.status);
      last = answer;
      if (answer.status === 503)
        expect(JSON.parse(answer.text).pending).toEqual(['mapping arn:aws:sqs:us-east-1:000000000000:work']);
    }
    expect(JSON.parse(last.text)).toMatchObject({ services: { sqs: 'running', lambda: 'running' }, edition: 'sluice' });
    expect(world.cloud.mappings.map((mapping) => mapping.state())).toEqual(['Enabled']);
  });
});
