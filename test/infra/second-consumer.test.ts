import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type Message, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { strFromU8, unzipSync } from 'fflate';
import { examine } from '../../build/doctor/examine.ts';
import { type Cloud, startCloud } from '../../localstack/cloud.ts';

/** What docs/architecture.md has its reader write. */
const PAGE = readFileSync('docs/architecture.md', 'utf8');
const [, ENTRY = ''] = /<!-- in serverless.yml, under custom.queues -->\n```yaml\n(.*?)```/s.exec(PAGE) ?? [];
const [, FUNCTION = ''] = /<!-- file: src\/functions\/thumbnails.ts -->\n```ts\n(.*?)```/s.exec(PAGE) ?? [];

/** The job type that the page takes for granted. */
const SCHEMA = {
  title: 'Thumbnail',
  type: 'object',
  properties: { type: { const: 'thumbnail' }, job_id: { type: 'string', minLength: 1 }, width: { type: 'number' } },
  required: ['job_id', 'width'],
  additionalProperties: false,
};
const JOB = `
import validate, { type Thumbnail } from '#schemas/thumbnail';
import { defineJob } from '../job.ts';

export default defineJob<Thumbnail>({
  schema: validate,
  key: (job) => job.job_id,
  handle: ({ width }) => ({ thumbnailOf: width }),
});
`;

/** Packaging takes seconds, on a busy machine many. */
const PACKAGING_MS = 180_000;

let project: string;
let cloud: Cloud;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'sluice-second-'));
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate']);
  for (const path of files.toString().trim().split('\n')) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    cpSync(path, join(project, path));
  }
  symlinkSync(resolve('node_modules'), join(project, 'node_modules'));
  writeFileSync(join(project, 'schemas/thumbnail.json'), JSON.stringify(SCHEMA));
  writeFileSync(join(project, 'src/jobs/thumbnail.ts'), JOB);
  writeFileSync(join(project, 'src/functions/thumbnails.ts'), FUNCTION);
  declare(ENTRY);
  serverless('package', '--package', 'package');
  cloud = await startCloud({ template: template(), port: 0 });
}, PACKAGING_MS);

afterAll(async () => {
  await cloud?.close();
  rmSync(project, { recursive: true });
});

/** Writes an entry to the end of custom.queues, in place of the one before. */
function declare(entry: string) {
  const service = readFileSync('serverless.yml', 'utf8');
  writeFileSync(join(project, 'serverless.yml'), service.replace(/^ {2}tables:$/m, `${entry}  tables:`));
}

const template = () => join(project, 'package/cloudformation-template-update-stack.json');

/** @throws Error with the framework's output */
function serverless(...options: string[]) {
  const bin = join(project, 'node_modules/.bin');
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, NODE_OPTIONS: '' };
  execFileSync(join(bin, 'serverless'), [...options, '--stage', 'test'], { cwd: project, env, stdio: 'pipe' });
}

const client = () => ({
  endpoint: cloud.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const queueUrl = (name: string) => `${cloud.endpoint}/000000000000/sluice-test-${name}`;
const send = (queue: string, body: object) =>
  new SQSClient(client()).send(
    new SendMessageCommand({ QueueUrl: queueUrl(queue), MessageBody: JSON.stringify(body) }),
  );

/** Asks again and again, for as long as the test may take. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

const resultOf = (jobId: string) =>
  until(async () => {
    const Key = { JobID: { S: jobId } };
    const get = new GetItemCommand({ TableName: 'job-results-outbox-v1-test', Key, ConsistentRead: true });
    return (await new DynamoDBClient(client()).send(get)).Item?.Result;
  });

const letterIn = (queue: string): Promise<Message> =>
  until(async () => {
    const request = { QueueUrl: queueUrl(queue), MessageAttributeNames: ['All'] };
    return (await new SQSClient(client()).send(new ReceiveMessageCommand(request))).Messages?.[0];
  });

const codeOf = (name: string): string =>
  Object.values(unzipSync(readFileSync(join(project, 'package', `${name}.zip`))))
    .map((file) => strFromU8(file))
    .join('');

test('a queue with its consumer is at most 12 lines of YAML and 6 of TypeScript', () => {
  const lines = (text: string) => text.trimEnd().split('\n').length;
  expect(ENTRY).toContain('thumbnails:');
  expect(lines(ENTRY)).toBeLessThanOrEqual(12);
  expect(FUNCTION).toContain('createHandler');
  expect(lines(FUNCTION)).toBeLessThanOrEqual(6);
});

test(
  'both queues do their jobs, and what the second function does not run is a dead letter that says so',
  async () => {
    await send('thumbnails', { type: 'thumbnail', job_id: 'named', width: 1 });
    await send('thumbnails', { job_id: 'unnamed', width: 2 });
    await send('thumbnails', { type: 'triple', job_id: 'stray', value: 1 });
    await send('jobs', { job_id: 'old', value: 14 });
    await send('jobs', { type: 'thumbnail', job_id: 'elsewhere', width: 3 });
    expect(await resultOf('named')).toEqual({ M: { thumbnailOf: { N: '1' } } });
    expect(await resultOf('unnamed')).toEqual({ M: { thumbnailOf: { N: '2' } } });
    expect(await resultOf('old')).toEqual({ N: '42' });
    expect(await resultOf('elsewhere')).toEqual({ M: { thumbnailOf: { N: '3' } } });
    const { Body, MessageAttributes } = await letterIn('thumbnails-dlq');
    expect(JSON.parse(Body ?? '')).toMatchObject({ job_id: 'stray' });
    expect(JSON.parse(MessageAttributes?.DeadLetterReason?.StringValue ?? '')).toMatchObject({
      errorClass: 'InvalidJob',
      message: 'there is no job type "triple"; this worker runs thumbnail',
      functionName: 'sluice-test-thumbnails',
    });
  },
  PACKAGING_MS,
);

test('a function bundles the job types that it runs, and no others', () => {
  expect(codeOf('jobs')).toMatch(/WEBHOOK_ALLOWED_HOSTS.*thumbnailOf|thumbnailOf.*WEBHOOK_ALLOWED_HOSTS/s);
  expect(codeOf('thumbnails')).toContain('thumbnailOf');
  expect(codeOf('thumbnails')).not.toMatch(/webhook/i);
});

test('both consumers are healthy, and the doctor has looked at all of both', () => {
  const diagnosisOf = (file: string) => examine(JSON.parse(readFileSync(file, 'utf8')));
  const { queues, functions, mappings } = diagnosisOf('.sluice/test/cloudformation-template-update-stack.json').checked;
  expect(diagnosisOf(template())).toMatchObject({
    healthy: true,
    checked: { queues: queues + 2, functions: functions + 1, mappings: mappings + 1 },
    findings: [],
    notChecked: [],
  });
});

test.each([
  ['timeout: 1', 'batch-exceeds-timeout: ThumbnailsEventSourceMappingSQSThumbnailsQueue', 'jobSeconds: 1'],
  ['maxReceiveCount: 2', 'receive-count-low: ThumbnailsQueue', ''],
])(
  'the doctor refuses the package for the second consumer alone: %s',
  (key, finding, more) => {
    declare(`    thumbnails:\n      ${key}\n${more && `      ${more}\n`}`);
    expect(refusal()).toContain(`1 error\n\nerror ${finding}`);
  },
  PACKAGING_MS,
);

test.each([
  ['thumbnails:\n      timeuot: 60', 'custom.queues.thumbnails.timeuot: there is no such key.'],
  ['thumbs:\n      timeout: 60', 'custom.queues.thumbs has no function: add src/functions/thumbs.ts'],
])(
  'a wrong declaration ends the command, and is told once and without a stack',
  (entry, problem) => {
    declare(`    ${entry}\n`);
    const output = refusal();
    expect(output.split(problem)).toHaveLength(2);
    expect(output).not.toContain('    at ');
  },
  PACKAGING_MS,
);

/** What the framework says where it refuses to go on, as packaging would: this resolves the same template and bundles nothing. */
function refusal(): string {
  try {
    serverless('examine');
  } catch (error) {
    const { stdout, stderr } = error as { stdout: Buffer; stderr: Buffer };
    return `${stdout}${stderr}`;
  }
  throw new Error('It was not refused');
}
