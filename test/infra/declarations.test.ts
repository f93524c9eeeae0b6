import { completeQueues } from '../../infra/declarations.js';

const DEFAULTS = {
  timeout: 30,
  memory: 512,
  batchSize: 100,
  batchWindow: 1,
  maximumConcurrency: 10,
  workerConcurrency: 10,
  maxReceiveCount: 5,
  resultTtlDays: 30,
  jobSeconds: 0.1,
  messageBytes: 1000,
  maxPayloadBytes: 1000,
};
const PROJECT = {
  prefix: 'sluice-x',
  functions: ['jobs', 'late-mails'],
  jobTypes: ['mail', 'triple', 'webhook'],
  named: ['webhook'],
};
const complete = (queues: Record<string, unknown>, defaults: object = DEFAULTS) =>
  completeQueues(queues, { ...defaults }, PROJECT);

test('an entry may be empty: it takes the stage’s parameters, and its messages name their types', () => {
  expect(complete({ jobs: null })).toEqual({ jobs: { ...DEFAULTS, environment: {}, permissions: [] } });
});

test('what an entry says counts for its queue alone', () => {
  const statement = { Action: 's3:PutObject', Resource: 'arn:aws:s3:::mine/*' };
  const entry = { timeout: 60, defaultType: 'mail', environment: { HOST: 'a' }, permissions: [statement] };
  expect(complete({ jobs: {}, 'late-mails': { ...entry, reservedConcurrency: 5 } })).toEqual({
    jobs: { ...DEFAULTS, environment: {}, permissions: [] },
    'late-mails': { ...DEFAULTS, ...entry, reservedConcurrency: 5 },
  });
});

test('a FIFO queue takes what Lambda takes from one, whatever the stage has for others', () => {
  expect(complete({ jobs: { fifo: true } }).jobs).toMatchObject({ fifo: true, batchSize: 10, batchWindow: 0 });
  expect(complete({ jobs: { fifo: true, batchSize: 3 } }).jobs).toMatchObject({ batchSize: 3, batchWindow: 0 });
  expect(complete({ jobs: { fifo: false } }).jobs).not.toHaveProperty('fifo');
});

test('numbers from the command line are numbers', () => {
  const { jobs } = complete(
    { jobs: { reservedConcurrency: '7' } },
    { ...DEFAULTS, batchSize: '50', jobSeconds: '0.5' },
  );
  expect(jobs).toMatchObject({ batchSize: 50, jobSeconds: 0.5, reservedConcurrency: 7 });
});

test('a parameter that nobody set reserves nothing', () => {
  expect(complete({ jobs: { reservedConcurrency: null } }).jobs).not.toHaveProperty('reservedConcurrency');
});

test.each<[string, Record<string, unknown>, string]>([
  [
    'a misspelt key',
    { jobs: { timeuot: 60 } },
    'custom.queues.jobs.timeuot: there is no such key. A queue takes defaultType,',
  ],
  ['a large FIFO batch', { jobs: { fifo: true, batchSize: 11 } }, 'batchSize is 11, and Lambda takes at most 10'],
  ['a window of a FIFO queue', { jobs: { fifo: true, batchWindow: 1 } }, 'a FIFO queue has no batching window'],
  ['another kind of queue', { jobs: { fifo: 'yes' } }, 'custom.queues.jobs.fifo must be true or false, not "yes"'],
  ['a table that there is not', { jobs: { table: 'mine' } }, 'custom.queues.jobs.table is "mine", and no such table'],
  [
    'a flag that is none',
    { jobs: { largePayloads: 'maybe' } },
    'custom.queues.jobs.largePayloads must be true or false, not "maybe"',
  ],
  [
    'a value that is no number',
    { jobs: { timeout: 'a minute' } },
    'custom.queues.jobs.timeout must be a number, not "a minute"',
  ],
  [
    'a reservation that is none',
    { jobs: { reservedConcurrency: 'many' } },
    'custom.queues.jobs.reservedConcurrency must be a number',
  ],
  ['an entry that is no mapping', { jobs: 60 }, 'custom.queues.jobs must be a mapping of keys'],
  ['a missing file', { orders: {} }, 'custom.queues.orders has no function: add src/functions/orders.ts'],
  [
    'a default type that is none',
    { jobs: { defaultType: 'male' } },
    'custom.queues.jobs.defaultType is "male", and there is no src/jobs/male.ts. Job types are: mail, triple, webhook',
  ],
  [
    'a default type that messages must name',
    { jobs: { defaultType: 'webhook' } },
    'custom.queues.jobs.defaultType is "webhook", and schemas/webhook.json refuses messages that name no type. Take "type" out',
  ],
  [
    'an environment that is a list',
    { jobs: { environment: ['A=1'] } },
    'custom.queues.jobs.environment must be a mapping',
  ],
  [
    'permissions that are no list',
    { jobs: { permissions: 's3:*' } },
    'custom.queues.jobs.permissions must be a list of statements',
  ],
  ['a permission on nothing', { jobs: { permissions: [{ Action: 's3:GetObject' }] } }, 'each with Action and Resource'],
  ['a capital letter', { Jobs: {} }, "custom.queues.Jobs: a queue's name starts with a lower-case letter"],
  ['an underscore', { late_mails: {} }, "custom.queues.late_mails: a queue's name"],
  ['a suffix for FIFO', { 'jobs.fifo': {} }, "custom.queues.jobs.fifo: a queue's name"],
  [
    'the name of a dead-letter queue',
    { 'jobs-dlq': {} },
    'custom.queues.jobs-dlq: names in -dlq are those of dead-letter queues',
  ],
  [
    'a name too long by one',
    { [`j${'o'.repeat(55)}`]: {} },
    "has 65 characters, and Lambda takes 64. Shorten the queue's name by 1",
  ],
])('%s is refused, with its place and what to do', (_what, queues, message) => {
  expect(() => complete(queues)).toThrow(message);
});

test('the longest name that Lambda takes is not refused for its length', () => {
  expect(() => complete({ [`j${'o'.repeat(54)}`]: {} })).not.toThrow('characters');
});

test('everything that is wrong is told at once, and a wrong parameter once for all queues', () => {
  let message = '';
  try {
    complete({ jobs: { tiemout: 1 }, 'late-mails': { defaultType: 'male' } }, { ...DEFAULTS, batchSize: 'many' });
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message.trim().split('\n')).toEqual([
    expect.stringContaining('custom.queues.jobs.tiemout'),
    expect.stringContaining('the parameter batchSize must be a number, not "many"'),
    expect.stringContaining('custom.queues.late-mails.defaultType'),
  ]);
});
