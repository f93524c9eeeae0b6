import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { type Cloud, startCloud } from '../../localstack/cloud.ts';
import { connect } from '../../operator/stage/connect.ts';
import { type QueueDepth, queueDepth } from '../../operator/stage/depth.ts';
import type { QueueOfStage, Stage } from '../../operator/stage/stage.ts';

/** The commands of the README's chapter on poison messages, block by block. */
const BLOCKS = [...readFileSync('README.md', 'utf8').matchAll(/<!-- poison -->\n```\n(.*?)\n```/gs)].map(
  ([, commands = '']) => commands,
);
const [RECEIVER_PORT, EXPORT] = ['8099', 'poison.jsonl'];
const CHAPTER_MS = 240_000;

const folder = mkdtempSync(join(tmpdir(), 'sluice-chapter-'));
let cloud: Cloud;
let stage: Stage;
let dynamodb: DynamoDBClient;
let shell: ChildProcess;

beforeAll(async () => {
  cloud = await startCloud({
    template: '.sluice/test/cloudformation-template-update-stack.json',
    port: 0,
    environment: {
      'sluice-test-jobs': { WEBHOOK_ALLOWED_HOSTS: 'http://127.0.0.1:*', WEBHOOK_PRIVATE_ADDRESSES: 'allow' },
    },
  });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  stage = await connect({ stage: 'test', region: 'us-east-1' }, { endpoint: cloud.endpoint, credentials });
  dynamodb = new DynamoDBClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials });
});

afterAll(async () => {
  // Its receiver, too.
  if (shell?.pid) process.kill(-shell.pid, 'SIGKILL');
  for (const client of [stage.sqs, dynamodb, stage.lambda, stage.cloudformation, stage.cloudwatch]) client.destroy();
  await cloud.close();
  rmSync(folder, { recursive: true });
});

test(
  'the chapter’s commands do what the chapter says: poison lands with its reason, what was mended goes back, the rest is kept in a file',
  async () => {
    expect(BLOCKS).toHaveLength(6);
    const run = await openShell();
    const [receiver = '', push = '', see = '', fix = '', redrive = '', purge = ''] = BLOCKS;

    await run(receiver);
    expect(await run(push)).not.toMatch(/error/i);
    await settled();
    const seen = await run(see);
    expect(seen).toMatch(/5\s.*PermanentError/);
    expect(seen).toMatch(/InvalidJob/);
    expect(seen).toMatch(/poison-1/);
    expect(await done()).toHaveLength(20);

    await run(fix);
    expect(await run(redrive)).toMatch(/5/);
    await settled();
    expect(await done()).toHaveLength(25);
    expect(await deadLetters()).toBe(2);

    await run(purge);
    expect(await deadLetters()).toBe(0);
    const lines = readFileSync(join(folder, EXPORT), 'utf8').trim().split('\n');
    const bodies = lines.slice(1, -1).map((line) => JSON.parse(line).body as string);
    expect(bodies.sort()).toEqual(['not JSON', '{"job_id": "poison-1", "value": "a text"}']);
  },
  CHAPTER_MS,
);

/** A shell as the chapter's reader has it, but for ports and places. @returns runs a block, throws where a command fails */
async function openShell(): Promise<(commands: string) => Promise<string>> {
  const port = String(await freePort());
  const { NODE_OPTIONS: _, ...env } = process.env;
  shell = spawn('bash', ['-e'], {
    env: {
      ...env,
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      SLUICE_STAGE: 'test',
    },
    detached: true,
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output += chunk;
  };
  shell.stdout?.on('data', keep);
  shell.stderr?.on('data', keep);
  return (commands) => {
    const before = output.length;
    const mark = `<block ended at ${before}>`;
    const here = commands.replaceAll(RECEIVER_PORT, port).replaceAll(EXPORT, join(folder, EXPORT));
    shell.stdin?.write(`${here}\necho '${mark}'\n`);
    return new Promise((resolve, reject) => {
      const failed = () => reject(new Error(`A command failed:\n${commands}\n${output.slice(before)}`));
      const look = () => {
        if (!output.includes(mark)) return;
        shell.off('exit', failed);
        shell.stdout?.off('data', look);
        resolve(output.slice(before, output.indexOf(mark)));
      };
      shell.once('exit', failed);
      shell.stdout?.on('data', look);
    });
  };
}

const depth = (): Promise<QueueDepth> => queueDepth(stage.sqs, stage.queues[0] as QueueOfStage);

/** Until nothing waits on the queue and nothing is in flight. */
async function settled(): Promise<void> {
  for (;;) {
    const { waiting, inFlight, delayed } = await depth();
    if (waiting + inFlight + delayed === 0) return;
    await delay(200);
  }
}

async function deadLetters(): Promise<number> {
  return (await depth()).deadLetters?.waiting ?? 0;
}

async function done(): Promise<unknown[]> {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: stage.tableName }));
  return Items.filter(({ Status }) => Status?.S === 'done');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
