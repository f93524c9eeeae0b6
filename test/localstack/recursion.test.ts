import { setTimeout as delay } from 'node:timers/promises';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { hopsIn, lineageOf } from '../../localstack/functions/lineage.ts';
import { cloudWith, eventually, functionResource, queueResource, type World } from './cloud-under-test.ts';

/**
 * Sends each message back to the queue it came from, as the SDK would from Lambda: with the header of its own invocation. A
 * message whose body is "apart" brings a trace of its own along.
 */
const AGAIN = `
const http = require('node:http');
exports.handler = async ({ Records }) => {
  for (const { body, attributes } of Records) {
    console.log('round', body, process.env._X_AMZN_TRACE_ID);
    const own = body === 'apart' && { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' } } };
    await new Promise((resolve, reject) => {
      const request = http.request(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers: {
        'x-amz-target': 'AmazonSQS.SendMessage',
        'content-type': 'application/x-amz-json-1.0',
        'x-amzn-trace-id': process.env._X_AMZN_TRACE_ID,
      } }, (response) => response.resume().on('end', resolve)).on('error', reject);
      request.end(JSON.stringify({ QueueUrl: process.env.QUEUE_URL, MessageBody: body, ...own }));
    });
  }
};`;

function looping(properties: object) {
  return cloudWith(
    {
      Queue: queueResource('work', {
        VisibilityTimeout: 5,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 1 },
      }),
      Dead: queueResource('dead'),
      Worker: functionResource('worker', {
        Environment: { Variables: { QUEUE_URL: { Ref: 'Queue' } } },
        ...properties,
      }),
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
          FunctionName: { Ref: 'Worker' },
          BatchSize: 1,
        },
      },
    },
    { code: AGAIN },
  );
}

const send = ({ sqs, queueUrl }: World, MessageBody: string) =>
  sqs.send(new SendMessageCommand({ QueueUrl: queueUrl('work'), MessageBody }));
const rounds = ({ logs }: World) => logs.filter((line) => line.startsWith('worker: round')).length;
const stats = ({ cloud }: World) => cloud.functions.get('worker')?.stats();

test('a message that a function sends back to its own queue is dropped after 16 rounds, and ends in the dead-letter queue', async () => {
  await using world = await looping({});
  await send(world, 'loop');
  await eventually(() => expect(stats(world)).toMatchObject({ recursiveInvocationsDropped: 1 }));
  expect(rounds(world)).toBe(16);
  expect(world.logs).toContainEqual(expect.stringContaining('RecursiveInvocationsDropped: 1 message'));
  const dead = { QueueUrl: world.queueUrl('dead'), WaitTimeSeconds: 10 };
  const { Messages = [] } = await world.sqs.send(new ReceiveMessageCommand(dead));
  expect(Messages.map(({ Body }) => Body)).toEqual(['loop']);
  expect(rounds(world)).toBe(16);
});

test('it goes on with RecursiveLoop: Allow', async () => {
  await using world = await looping({ RecursiveLoop: 'Allow' });
  await send(world, 'loop');
  await eventually(() => expect(rounds(world)).toBeGreaterThan(20));
  expect(stats(world)).toMatchObject({ recursiveInvocationsDropped: 0 });
  const answer = await fetch(`${world.cloud.endpoint}/2024-08-31/functions/worker/recursion-config`);
  expect(await answer.json()).toEqual({ RecursiveLoop: 'Allow' });
});

test('a trace of its own on the message goes before the header of the request: without a lineage no round is counted', async () => {
  await using world = await looping({});
  await send(world, 'apart');
  await eventually(() => expect(rounds(world)).toBeGreaterThan(20));
  expect(stats(world)).toMatchObject({ recursiveInvocationsDropped: 0 });
});

test('what others send is counted by nobody: 20 messages are 20 chains of one round', async () => {
  await using world = await looping({ Environment: { Variables: { QUEUE_URL: 'http://127.0.0.1:1/nowhere' } } });
  for (let i = 0; i < 20; i++) await send(world, `message ${i}`);
  await eventually(() => expect(rounds(world)).toBe(20));
  await delay(50);
  expect(stats(world)).toMatchObject({ recursiveInvocationsDropped: 0 });
});

describe('the lineage', () => {
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:a';
  const other = 'arn:aws:lambda:us-east-1:000000000000:function:b';

  test('counts the invocations of one function in a chain, and those of others beside it', () => {
    const first = `Root=1-2-3;${lineageOf(arn, 0)}`;
    expect([hopsIn(first, arn), hopsIn(first, other)]).toEqual([1, 0]);
    expect(hopsIn(`Root=1-2-3;${lineageOf(arn, 15)}`, arn)).toBe(16);
    expect(hopsIn(`Lineage=15:abcdef01:3|${lineageOf(arn, 4).slice('Lineage='.length)}`, arn)).toBe(5);
  });

  test('of anything else is none', () => {
    for (const header of [undefined, '', 'Root=1-2-3', 'Lineage=', 'Lineage=:', `${lineageOf(arn, 0)}x`]) {
      expect(hopsIn(header, arn)).toBe(0);
    }
  });
});
