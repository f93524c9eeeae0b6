import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { unzipSync } from 'fflate';
import { startCloud } from '../../localstack/cloud.ts';
import { accessKeyOf } from '../../localstack/permissions/permissions.ts';

const PACKAGE = '.sluice/test';
const NAME = 'sluice-test-jobs';
const TABLE = 'job-results-outbox-v1-test';

export interface Answer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** The packaged function in this process, with the queues and the table of the embedded cloud. */
export interface Subject extends AsyncDisposable {
  /** Runs one batch with a minute of time: what is looked for is never a matter of speed. */
  invoke(records: readonly object[]): Promise<Answer>;
  /** What the function has written since the last call. */
  takeLines(): string[];
  /** Takes all dead letters. */
  takeDeadLetters(): Promise<Message[]>;
  /** The stored results of those jobs, as numbers. */
  results(ids: readonly string[]): Promise<Map<string, number>>;
}

/** What was packaged for the tests, with the times of a test; how long an invocation has is said by each. */
export async function startSubject(): Promise<Subject> {
  const cloud = await startCloud({ template: join(PACKAGE, 'cloudformation-template-update-stack.json'), port: 0 });
  const credentials = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: 'local' });
  const client = { endpoint: cloud.endpoint, region: 'us-east-1', credentials: credentials('local') };
  const [sqs, dynamodb] = [new SQSClient(client), new DynamoDBClient(client)];
  const QueueUrl = `${cloud.endpoint}/000000000000/${NAME}-dlq`;

  const configuration = cloud.functions.get(NAME)?.configuration;
  if (!configuration) throw new Error(`${PACKAGE} declares no function ${NAME}`);
  Object.assign(process.env, configuration.environment, {
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: accessKeyOf(NAME),
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_LAMBDA_FUNCTION_NAME: NAME,
  });
  const { lines, restore } = captureOutput();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-fuzz-'));
  const { handler } = loadBundle(configuration.handler, folder);

  return {
    async invoke(records) {
      const end = Date.now() + 60_000;
      const context = {
        functionName: NAME,
        functionVersion: '$LATEST',
        awsRequestId: 'fuzz',
        getRemainingTimeInMillis: () => end - Date.now(),
      };
      // As Lambda hands it over: what is not JSON never arrives, and `__proto__` is a property like any other.
      return await handler(JSON.parse(JSON.stringify({ Records: records })), context);
    },
    takeLines: () => lines.splice(0),
    async takeDeadLetters() {
      const all: Message[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            WaitTimeSeconds: 0,
            MessageAttributeNames: ['All'],
          }),
        );
        if (Messages.length === 0) return all;
        all.push(...Messages);
        const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
    async results(ids) {
      const found = new Map<string, number>();
      for (let i = 0; i < ids.length; i += 100) {
        const Keys = ids.slice(i, i + 100).map((id) => ({ JobID: { S: id } }));
        const { Responses } = await dynamodb.send(new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys } } }));
        for (const { JobID, Result } of Responses?.[TABLE] ?? []) found.set(JobID?.S ?? '', Number(Result?.N));
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      restore();
      sqs.destroy();
      dynamodb.destroy();
      await cloud.close();
      rmSync(folder, { recursive: true });
    },
  };
}

type Handler = (event: object, context: object) => Promise<Answer>;

/** Into a folder of its own, which stays: what is run alone is loaded once more. */
function loadBundle(handler: string, folder: string): { handler: Handler } {
  const file = `${handler.slice(0, handler.lastIndexOf('.'))}.cjs`;
  const code = unzipSync(readFileSync(join(PACKAGE, 'jobs.zip')))[file];
  if (!code) throw new Error(`${PACKAGE}/jobs.zip has no ${file}`);
  writeFileSync(join(folder, 'function.cjs'), code);
  return createRequire(import.meta.url)(join(folder, 'function.cjs'));
}

/** What the function writes is looked at and not shown; `restore` ends that. */
function captureOutput(): { lines: string[]; restore: () => void } {
  const lines: string[] = [];
  const { write } = process.stdout;
  const writeError = process.stderr.write;
  const capture = (chunk: string | Uint8Array) => {
    lines.push(String(chunk));
    return true;
  };
  process.stdout.write = capture as typeof write;
  process.stderr.write = capture as typeof write;
  const restore = () => {
    process.stdout.write = write;
    process.stderr.write = writeError;
  };
  return { lines, restore };
}
