import { existsSync } from 'node:fs';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { cloudWith, eventually, functionResource, queueResource, tableResource } from './cloud-under-test.ts';

/** Writes each record to the table by hand-made requests: the bundle of a test has no dependencies. */
const code = `exports.handler = async ({ Records }) => {
  const headers = {
    'x-amz-target': 'DynamoDB_20120810.BatchExecuteStatement',
    'content-type': 'application/x-amz-json-1.0',
    authorization: 'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x',
  };
  const Statements = Records.map(({ body }) => ({
    Statement: \`INSERT INTO "\${process.env.TABLE}" VALUE {'JobID': ?, 'Result': ?}\`,
    Parameters: [{ S: JSON.parse(body).job_id }, { N: String(JSON.parse(body).value * 3) }],
  }));
  await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers, body: JSON.stringify({ Statements }) });
  if (Records.some(({ body }) => JSON.parse(body).slow)) await new Promise((resolve) => setTimeout(resolve, 1000));
  return { batchItemFailures: Records.filter(({ body }) => JSON.parse(body).bad).map((r) => ({ itemIdentifier: r.messageId })) };
};`;

const resources = {
  Queue: queueResource('work', {
    RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 1 },
    VisibilityTimeout: 6,
  }),
  Dead: queueResource('dead'),
  Table: tableResource('results'),
  Function: functionResource('worker', { Environment: { Variables: { TABLE: { Ref: 'Table' } } } }),
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
      FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    },
  },
};

describe('the whole cloud', () => {
  test('messages travel from the queue through the function into the table, the failed ones into the DLQ', async () => {
    await using world = await cloudWith(resources, { code });
    const bodies = Array.from({ length: 30 }, (_, index) => ({
      job_id: `job-${index}`,
      value: index,
      bad: index === 7,
    }));
    for (let from = 0; from < bodies.length; from += 10) {
      const Entries = bodies
        .slice(from, from + 10)
        .map((body, index) => ({ Id: `${index}`, MessageBody: JSON.stringify(body) }));
      await world.sqs.send(new SendMessageBatchCommand({ QueueUrl: world.queueUrl('work'), Entries }));
    }
    await eventually(async () => {
      expect((await world.dynamodb.send(new ScanCommand({ TableName: 'results' }))).Count).toBe(30);
    });
    const { Items = [] } = await world.dynamodb.send(new ScanCommand({ TableName: 'results' }));
    const results = Object.fromEntries(Items.map((item) => [item.JobID?.S, Number(item.Result?.N)]));
    expect(results).toEqual(Object.fromEntries(bodies.map(({ job_id, value }) => [job_id, value * 3])));
    const depth = async (name: string) => {
      const input = { QueueUrl: world.queueUrl(name), AttributeNames: ['All' as const] };
      const { Attributes = {} } = await world.sqs.send(new GetQueueAttributesCommand(input));
      return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
    };
    await eventually(async () => expect([await depth('work'), await depth('dead')]).toEqual([0, 1]), 15_000);
  }, 30_000);

  test('closing lets a batch in flight finish, and leaves no process, port or directory behind', async () => {
    const world = await cloudWith(resources, { code });
    const worker = world.cloud.functions.get('worker');
    const Entries = [{ Id: 'a', MessageBody: JSON.stringify({ job_id: 'slow', value: 1, slow: true }) }];
    await world.sqs.send(new SendMessageBatchCommand({ QueueUrl: world.queueUrl('work'), Entries }));
    await eventually(() => expect(worker?.stats().running).toBe(1));
    const directory = worker?.configuration.codeDirectory ?? '';
    expect(existsSync(directory)).toBe(true);
    await world[Symbol.asyncDispose]();
    expect(world.cloud.mappings[0]?.stats()).toMatchObject({ received: 1, deleted: 1, inFlightBatches: 0 });
    expect(worker?.stats()).toMatchObject({ running: 0, processes: 0, errors: 0 });
    expect(existsSync(directory)).toBe(false);
    await expect(fetch(`${world.cloud.endpoint}/_localstack/health`)).rejects.toThrow('fetch failed');
  });
});
