import { readFileSync } from 'node:fs';

const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Private files as they are now; a file that has moved, or holds no such name any more, fails the import itself. */
async function insidesOf<Insides>(name: string, load: () => Promise<Insides>): Promise<Insides> {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  expect({ name, version }).toEqual({ name, version: devDependencies[name] });
  return load().catch((error) => {
    throw new Error(`${name} ${version} is built differently from the one that localstack/ was written for: ${error}`);
  });
}

/** What is not there of what is used, as `Queue.dequeue`. */
function missing(owner: string, value: unknown, types: Record<string, string>): string[] {
  const members = Object(value);
  return Object.entries(types).flatMap(([name, type]) => {
    const found = Array.isArray(members[name]) ? 'array' : members[name] instanceof Map ? 'map' : typeof members[name];
    return found === type ? [] : [`${owner}.${name} is ${found}, not ${type}`];
  });
}

const functions = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'function']));

test('fauxqs still holds what localstack/fauxqs/internals.ts takes of it', async () => {
  const { SqsStore, SnsStore, S3Store, SqsError } = await insidesOf(
    'fauxqs',
    () => import('../../localstack/fauxqs/internals.ts'),
  );
  const store = new SqsStore();
  const queue = store.createQueue('q', 'http://localhost/000000000000/q', 'arn:aws:sqs:us-east-1:000000000000:q');
  const error = new SqsError('InvalidParameterValue', 'text');
  expect([
    ...missing('SqsStore', store, {
      ...functions('createQueue', 'getQueue', 'getQueueByName', 'getQueueByArn', 'allQueues', 'shutdown'),
      ...{ queues: 'map', queuesByName: 'map', queuesByArn: 'map' },
    }),
    ...missing('SqsQueue', queue, {
      ...functions(
        'isFifo',
        'processTimers',
        'waitForMessages',
        'enqueue',
        'dequeue',
        'changeVisibility',
        'checkDeduplication',
      ),
      ...{ messages: 'array', delayedMessages: 'array', fifoMessages: 'map', fifoDelayed: 'map' },
      ...{ inflightMessages: 'map', fifoLockedGroups: 'map', attributes: 'object', arn: 'string', url: 'string' },
    }),
    ...missing('SqsError', error, {
      ...functions('toJSON'),
      ...{ statusCode: 'number', queryCode: 'string', queryErrorHeader: 'string', senderFault: 'boolean' },
    }),
    ...missing('SnsStore', new SnsStore(), functions('createTopic', 'subscribe')),
    ...missing('S3Store', new S3Store(), functions('createBucket')),
  ]).toEqual([]);
  store.shutdown();
});

test('dynalite still holds what localstack/dynamodb/dynalite-internals.ts takes of it', async () => {
  const { database, validations, operationNamed, SUPPORTED } = await insidesOf(
    'dynalite',
    () => import('../../localstack/dynamodb/dynalite-internals.ts'),
  );
  const store = database.create({});
  expect([
    ...missing('db', database, functions('create', 'itemSize', 'checkConditional')),
    ...missing('store', store, functions('getTable')),
    ...missing('store.db', store.db, functions('close')),
    ...missing('validations', validations, functions('checkTypes', 'checkValidations')),
    ...[...SUPPORTED].flatMap((name) => missing(name, operationNamed(name), { action: 'function', rules: 'object' })),
    ...[...SUPPORTED].flatMap((name) => missing(`${name}.rules`, operationNamed(name).rules, { types: 'object' })),
  ]).toEqual([]);
  await new Promise<void>((resolve) => store.db.close(resolve));
});
