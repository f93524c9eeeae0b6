import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const BINARIES = join(import.meta.dirname, '../../node_modules/.bin');

interface Resolved {
  // biome-ignore lint/suspicious/noExplicitAny: properties differ by type
  resources: { Resources: Record<string, any>; Outputs: Record<string, { Value: unknown }> };
  functions: { jobs: { reservedConcurrency?: number } };
}

/** What goes into the package of a stage. Not packaged: that would make anew what other tests are importing just now. */
async function resolved(stage: string, parameters: string[] = [], environment = {}): Promise<Resolved> {
  const { stdout } = await promisify(execFile)(
    join(BINARIES, 'serverless'),
    ['print', '--format', 'json', '--stage', stage, ...parameters.flatMap((parameter) => ['--param', parameter])],
    {
      env: {
        ...process.env,
        ALARM_EMAIL: '',
        PATH: `${BINARIES}${delimiter}${process.env.PATH}`,
        NODE_OPTIONS: '',
        ...environment,
      },
    },
  );
  return JSON.parse(stdout);
}

const outliving = ({ resources }: Resolved) =>
  Object.entries(resources.Resources).flatMap(([id, { DeletionPolicy = 'Delete' }]) =>
    DeletionPolicy === 'Delete' ? [] : [`${id} ${DeletionPolicy}`],
  );

const ofType = ({ resources }: Resolved, type: string) =>
  Object.keys(resources.Resources).filter((id) => resources.Resources[id].Type === type);

let prod: Resolved;
let production: Resolved;
let alice: Resolved;
let guarded: Resolved;
let onRedis: Resolved;
beforeAll(async () => {
  [prod, production, alice, guarded, onRedis] = await Promise.all([
    resolved('prod', ['alarmEmail=stage@example.com'], { ALARM_EMAIL: 'mine@example.com' }),
    resolved('production'),
    resolved('alice'),
    resolved('alice', ['protected=true', 'alarmEmail=stage@example.com', 'reservedConcurrency=20']),
    resolved('alice', ['store=redis', 'redisUrl=redis://stage:1'], { REDIS_URL: 'rediss://mine:1' }),
  ]);
}, 120_000);

test('what production stages hold outlives their stacks', () => {
  for (const service of [prod, production]) {
    expect(outliving(service)).toEqual([
      ...ofType(service, 'AWS::SQS::Queue').map((id) => `${id} RetainExceptOnCreate`),
      ...ofType(service, 'AWS::DynamoDB::Table').map((id) => `${id} Retain`),
      ...ofType(service, 'AWS::S3::Bucket').map((id) => `${id} RetainExceptOnCreate`),
    ]);
    expect(outliving(service)).toEqual(
      expect.arrayContaining(['JobsQueue RetainExceptOnCreate', 'ResultsTable Retain']),
    );
    expect(service.resources.Resources.ResultsTable.Properties.DeletionProtectionEnabled).toBe(true);
  }
});

test('a stage of any other name can be removed, tells nobody, and reserves nothing', () => {
  expect(outliving(alice)).toEqual([]);
  expect(alice.resources.Resources.ResultsTable.Properties.DeletionProtectionEnabled).toBe(false);
  expect(alice.resources.Resources).not.toHaveProperty('AlarmEmail');
  expect(alice.functions.jobs.reservedConcurrency ?? null).toBeNull();
});

test('any stage can be protected, tell somebody and reserve concurrency', () => {
  expect(outliving(guarded)).toEqual(outliving(prod));
  expect(guarded.resources.Resources.AlarmEmail.Properties.Endpoint).toBe('stage@example.com');
  expect(Number(guarded.functions.jobs.reservedConcurrency)).toBe(20);
});

test('the environment’s address goes before the stage’s', () => {
  expect(prod.resources.Resources.AlarmEmail.Properties.Endpoint).toBe('mine@example.com');
});

test('a protection that is neither on nor off is refused', async () => {
  const refused = resolved('alice', ['protected=yes']);
  await expect(refused).rejects.toMatchObject({
    stdout: expect.stringContaining('The parameter protected must be true or false, not "yes"'),
  });
}, 60_000);

test('a stage on Redis tells its functions and the tool so, and gives them no permission on the table', () => {
  const text = ({ resources, functions }: Resolved) => JSON.stringify([resources.Resources.JobsRole, functions.jobs]);
  expect(text(alice)).toContain('dynamodb:PartiQLInsert');
  expect(text(alice)).not.toContain('REDIS_URL');
  expect(alice.resources.Outputs).not.toHaveProperty('Store');
  expect(text(onRedis)).not.toContain('dynamodb:');
  expect(text(onRedis)).toContain('"REDIS_URL":"rediss://mine:1"');
  expect(onRedis.resources.Outputs.Store).toEqual({ Value: 'redis' });
});

test('a server without its URL, and a store that there is not, end the command and say what to do', async () => {
  await expect(resolved('alice', ['store=postgres'])).rejects.toMatchObject({
    stdout: expect.stringMatching(/set the parameter databaseUrl/),
  });
  await expect(resolved('alice', ['store=mysql'])).rejects.toMatchObject({
    stdout: expect.stringMatching(/must be dynamodb, redis or postgres, not "mysql/),
  });
}, 60_000);
