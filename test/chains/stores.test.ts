import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { storeOfEnvironment as postgresOf } from '../../src/chains/stores/postgres.ts';
import { storeOfEnvironment as redisOf } from '../../src/chains/stores/redis.ts';
import { EnvironmentReader } from '../../src/env.ts';
import { PostgresArchive } from '../../src/ledger/postgres/archive.ts';
import { RedisArchive } from '../../src/ledger/redis/archive.ts';
import { postgresBinaries, sql, startPostgres } from '../ledger/postgres/server.ts';
import { redisBinary, startRedis } from '../ledger/redis/server.ts';

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'sluice-stores-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Bundle {
  readonly file: string;
  readonly bytes: number;
  /** What is in it: paths of files. */
  readonly inputs: string;
}

/** The function `jobs` as it is packaged with a parameter `store`; without one, as `serverless.yml` has it without the parameter. */
async function bundleWith(store?: string): Promise<Bundle> {
  const { plugins, exclude, packager, skipRebuild, outputFileExtension, ...settings } =
    require('../../build/esbuild.cjs')();
  const outfile = join(folder, `${store}.cjs`);
  const { metafile } = await build({
    ...settings,
    target: 'node20',
    entryPoints: ['src/functions/jobs.ts'],
    outfile,
    metafile: true as const,
    plugins: [...require('../../build/store.cjs')(store), require('../../build/shed.cjs')],
  });
  const [output] = Object.values(metafile?.outputs ?? {});
  const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return { file: outfile, bytes: output?.bytes ?? 0, inputs: inputs.map(([path]) => path).join('\n') };
}

test('a bundle holds the store that was chosen, and not a byte of another or of its client', async () => {
  const [unsaid, dynamodb, redis, postgres] = await Promise.all(
    [undefined, 'dynamodb', 'redis', 'postgres'].map((store) => bundleWith(store)),
  );
  expect(readFileSync(unsaid?.file ?? '')).toEqual(readFileSync(dynamodb?.file ?? ''));
  const SERVERS = /ioredis|node_modules\/pg|src\/ledger\/(connections|redis|postgres|json-result)|stores\/server-url/;
  expect(dynamodb?.inputs).toContain('src/ledger/dynamodb/store.ts');
  expect(dynamodb?.inputs).not.toMatch(SERVERS);
  expect(redis?.inputs).toContain('node_modules/ioredis');
  expect(redis?.inputs).not.toMatch(/node_modules\/pg|src\/ledger\/(postgres|dynamodb)/);
  expect(postgres?.inputs).toContain('node_modules/pg/');
  expect(postgres?.inputs).not.toMatch(/ioredis|src\/ledger\/(redis|dynamodb)/);
  // Kilobytes; 319, 507 and 401 as this was written. Each cold start parses all of it.
  const sizes = [dynamodb, redis, postgres].map((bundle) => (bundle?.bytes ?? 0) / 1024);
  for (const [i, most] of [340, 540, 430].entries()) expect(sizes[i]).toBeLessThan(most);
});

test('a store that there is not ends the packaging', () => {
  expect(() => require('../../build/store.cjs')('mysql')).toThrow(
    'store must be one of dynamodb, redis, postgres, not "mysql"',
  );
  expect(() => require('../../build/store.cjs')('server-url')).toThrow('not "server-url"');
});

test.each([
  ['REDIS_URL', redisOf, 'rediss://user:password@host:port'],
  ['DATABASE_URL', postgresOf, 'postgres://user:password@host:port'],
])('what is wrong with %s is told without repeating it', (name, storeOf, form) => {
  const problemsWith = (value?: string) => {
    const variables = new EnvironmentReader(value === undefined ? {} : { [name]: value });
    storeOf(variables);
    return () => variables.check();
  };
  expect(problemsWith()).toThrow(`${name} is not set`);
  for (const wrong of ['secret', 'https://:secret@host', '//secret']) {
    expect(problemsWith(wrong)).toThrow(`${name} must be a URL such as ${form}`);
    expect(problemsWith(wrong)).not.toThrow(/secret/);
  }
  expect(problemsWith(form.replace(':port', ':1'))).not.toThrow();
});

/** The bundle in a process of its own, as Lambda runs it. @returns what the handler answered to each batch, and how the process ended */
async function run(bundle: Bundle, variables: Record<string, string>, batches: readonly object[]) {
  const runner = join(folder, 'runner.cjs');
  writeFileSync(
    runner,
    `const { handler } = require(${JSON.stringify(bundle.file)});
    const context = { awsRequestId: 'r', functionName: 'f', functionVersion: '1', getRemainingTimeInMillis: () => 10_000 };
    (async () => {
      const answers = [];
      for (const event of ${JSON.stringify(batches)}) answers.push(await handler(event, context));
      process.send(answers);
      process.disconnect();
    })();`,
  );
  const child: ChildProcess = fork(runner, [], {
    execArgv: [],
    stdio: 'pipe',
    env: {
      ...{ STAGE: 'test', TABLE_NAME: 'unused', LOG_LEVEL: 'ERROR', DEFAULT_TYPE: 'triple', AWS_REGION: 'us-east-1' },
      ...{ QUEUE_URL: 'http://127.0.0.1:1/q', DLQ_URL: 'http://127.0.0.1:1/d' },
      ...{ AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', ...variables },
    },
  });
  const messages = once(child, 'message');
  const exited = once(child, 'exit');
  const [answers] = await Promise.race([
    messages,
    exited.then(() => {
      throw new Error(`it ended without an answer: ${child.stderr?.read()}`);
    }),
  ]);
  const [code] = await exited;
  return { answers, code };
}

const batch = (receives: number) => ({
  Records: Array.from({ length: 30 }, (_, i) => ({
    messageId: `m${i}`,
    receiptHandle: `h${i}`,
    body: JSON.stringify({ job_id: `job-${i}`, value: i }),
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: '1',
      ApproximateFirstReceiveTimestamp: '1',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:q',
    awsRegion: 'us-east-1',
  })),
});

const ALL_DONE = { answers: [{ batchItemFailures: [] }, { batchItemFailures: [] }], code: 0 };

const withRedis = redisBinary() === undefined ? test.skip : test;
withRedis(
  'the packaged function keeps its results in Redis, and an idle connection does not keep its process',
  async () => {
    const server = await startRedis(redisBinary() as string);
    try {
      const ended = await run(await bundleWith('redis'), { REDIS_URL: server.url }, [batch(1), batch(2)]);
      expect(ended).toEqual(ALL_DONE);
      const record = await new RedisArchive(server.url, 'sluice:test:').describe('job-14');
      expect(record).toMatchObject({ status: 'done', result: 42, fencingToken: 1, type: 'triple' });
    } finally {
      await server.stop();
    }
  },
);

const withPostgres = postgresBinaries() === undefined ? test.skip : test;
withPostgres(
  'the packaged function keeps its results in PostgreSQL, and an idle connection does not keep its process',
  async () => {
    const server = await startPostgres(postgresBinaries() as string);
    try {
      await sql(server.url, readFileSync('src/ledger/postgres/schema.sql', 'utf8'));
      const ended = await run(await bundleWith('postgres'), { DATABASE_URL: server.url }, [batch(1), batch(2)]);
      expect(ended).toEqual(ALL_DONE);
      const record = await new PostgresArchive(server.url).describe('job-14');
      expect(record).toMatchObject({ status: 'done', result: 42, fencingToken: 1, type: 'triple' });
    } finally {
      await server.stop();
    }
  },
);
