import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { jest } from '@jest/globals';
import { runSluice } from '../operator/stage-under-test.ts';
import { documentOf, type FunctionWorld, functionWorld, NAME, pointer } from './function-world.ts';

jest.setTimeout(120_000);

let world: FunctionWorld;
let sqs: SQSClient;
beforeEach(async () => {
  world = await functionWorld();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  sqs = new SQSClient({ endpoint: world.cloud.endpoint, region: 'us-east-1', credentials });
});
afterEach(async () => {
  sqs.destroy();
  await world[Symbol.asyncDispose]();
});

const sluice = (args: readonly string[], input?: string) =>
  runSluice(args, {
    ...(input !== undefined && { input }),
    env: {
      AWS_ENDPOINT_URL: world.cloud.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      SLUICE_STAGE: 'test',
    },
  });

/** A dead letter as SQS moves it, without a reason. */
async function bury(body: string, size: number) {
  const MessageAttributes = { ExtendedPayloadSize: { DataType: 'Number', StringValue: String(size) } };
  const QueueUrl = `${world.cloud.endpoint}/000000000000/${NAME}-dlq`;
  return (await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }))).MessageId ?? '';
}

async function waiting(name: string): Promise<number> {
  const QueueUrl = `${world.cloud.endpoint}/000000000000/${name}`;
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
  return Number((await sqs.send(command)).Attributes?.ApproximateNumberOfMessages);
}

test('a line of 3 MB goes through S3, and its neighbours as they are', async () => {
  const lines = [documentOf('before', 100), documentOf('large', 3_000_000), documentOf('after', 100)];
  const ended = await sluice(['send', '--queue', 'documents'], lines.map((line) => `${line}\n`).join(''));
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toMatch(/^Sent 3 messages to documents/);
  for (const id of ['before', 'large', 'after']) await world.result(id);
});

test('a line that nobody would read is refused before anything is sent, and says whose limit it is', async () => {
  const tooLarge = await sluice(['send', '--queue', 'documents', '--dry-run'], `${documentOf('huge', 8_388_609)}\n`);
  expect(tooLarge.stderr).toContain('it is larger than the 8,388,608 bytes of MAX_PAYLOAD_BYTES');
  const job = JSON.stringify({ job_id: 'a', value: 1 });
  const elsewhere = await sluice(['send', '--queue', 'jobs'], `${job.padEnd(2_000_000)}\n`);
  expect(elsewhere.code).toBe(1);
  expect(elsewhere.stderr).toContain('it is larger than the 1 MiB that SQS takes, and jobs takes no payloads in S3');
  expect(await waiting('sluice-test-jobs')).toBe(0);
});

test('a dead letter that points to a payload is shown with its job, and redriven; one whose payload is gone stays', async () => {
  const body = documentOf('buried', 2_000_000);
  await world.put('there', body);
  const there = await bury(pointer(world.bucket, 'there'), body.length);
  const gone = await bury(pointer(world.bucket, 'gone'), 100);

  const shown = await sluice(['dlq', 'show', there, '--queue', 'documents']);
  expect(shown.stdout).toMatch(/^job +buried$/m);
  expect(shown.stdout).toMatch(/^type +document$/m);
  expect(shown.stdout).toContain("passes today's schema");
  expect(shown.stdout).toContain('"s3Key": "there"');
  const missing = await sluice(['dlq', 'show', gone, '--queue', 'documents']);
  expect(missing.stdout).toContain('would fail: its payload is not in the bucket any more');

  const { code, stdout } = await sluice(['dlq', 'redrive', '--queue', 'documents', '--yes', '--json']);
  expect({ code, totals: JSON.parse(stdout).totals }).toMatchObject({
    code: 0,
    totals: { goesBack: 1, wouldFailAgain: 1 },
  });
  expect(await world.result('buried')).toBeDefined();
  expect(await waiting(`${NAME}-dlq`)).toBe(1);
});
