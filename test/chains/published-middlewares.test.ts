import errorLogger from '@middy/error-logger';
import inputOutputLogger from '@middy/input-output-logger';
import ssm from '@middy/ssm';
import { createHandler, type HandlerOptions } from '../../src/chains/batch.ts';
import { EnvironmentReader } from '../../src/env.ts';
import { PermanentError } from '../../src/failures/errors.ts';
import { type AnyJobType, defineJob, type JobContext } from '../../src/job.ts';
import triple from '../../src/jobs/triple.ts';
import { LOCATION } from '../backend.ts';
import { lambdaContext } from '../job-context.ts';
import { startParameterStore } from '../parameter-store.ts';
import { startWorld, type World } from '../world.ts';

let world: World;
let parameters: Awaited<ReturnType<typeof startParameterStore>>;
let logged: unknown[];
let errors: unknown[];

beforeEach(async () => {
  world = await startWorld();
  parameters = await startParameterStore({ '/greeting': 'Hello' });
  logged = [];
  errors = [];
});

afterEach(async () => {
  await parameters.close();
  await world.close();
});

/** Three as they are on npm: one that logs, one that handles errors, one that reads a parameter. */
const published = () => [
  inputOutputLogger({ logger: (message: unknown) => logged.push(message) }),
  errorLogger({ logger: (error: unknown) => errors.push(error) }),
  ssm({
    fetchData: { greeting: '/greeting' },
    setToContext: true,
    disablePrefetch: true,
    cacheExpiry: 0,
    awsClientOptions: { ...LOCATION, endpoint: parameters.endpoint },
  }),
];

interface Greet {
  readonly job_id: string;
  readonly name: string;
}

const greet = (middlewares: AnyJobType['middlewares']) =>
  defineJob<Greet>({
    schema: Object.assign((job: Greet) => typeof job.name === 'string', { errors: [] }) as never,
    key: ({ job_id }) => job_id,
    middlewares,
    handle({ name }, { greeting }: JobContext<undefined> & { greeting: string }) {
      if (name === 'nobody') throw new PermanentError('there is nobody to greet');
      return `${greeting}, ${name}`;
    },
  });

/** Runs all that waits through the function's own handler. */
async function invoke({ jobs, middlewares = [] }: Pick<HandlerOptions, 'jobs' | 'middlewares'>) {
  const { environment } = world;
  const variables = new EnvironmentReader({
    STAGE: 'test',
    TABLE_NAME: environment.tableName,
    QUEUE_URL: environment.queueUrl,
    DLQ_URL: environment.deadLetterQueueUrl,
    LOG_LEVEL: 'ERROR',
    DEFAULT_TYPE: Object.keys(jobs)[0],
  });
  const handler = createHandler({
    jobs,
    middlewares,
    variables,
    clients: world.clients,
    createSandbox: undefined,
  });
  const Records = await world.receive();
  return { Records, answer: await handler({ Records }, lambdaContext() as never) };
}

const job = (job_id: string, name: string) => ({ job_id, name });

describe('around a job type', () => {
  test('a parameter is in the handler’s context, and input and result are logged, job by job', async () => {
    await world.send([job('a', 'Ada'), job('b', 'Bob')]);
    const { answer } = await invoke({ jobs: { greet: greet(published()) } });
    expect(answer).toEqual({ batchItemFailures: [] });
    const items = await world.items();
    expect([items.get('a')?.Result, items.get('b')?.Result]).toEqual(['Hello, Ada', 'Hello, Bob']);
    expect(logged).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ event: job('a', 'Ada') }),
        expect.objectContaining({ response: 'Hello, Bob' }),
      ]),
    );
    expect(parameters.requests()).toBe(2);
  });

  test('what the handler throws goes through them, and is the reason on its dead letter; its neighbour is stored', async () => {
    await world.send([job('a', 'nobody'), job('b', 'Bob')]);
    const { answer } = await invoke({ jobs: { greet: greet(published()) } });
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(errors).toMatchObject([{ event: job('a', 'nobody'), error: { message: 'there is nobody to greet' } }]);
    const [letter, ...others] = await world.deadLetters();
    expect(others).toEqual([]);
    expect(JSON.parse(letter?.MessageAttributes?.DeadLetterReason?.StringValue ?? '')).toMatchObject({
      errorClass: 'PermanentError',
      jobId: 'a',
    });
    expect([...(await world.items()).keys()]).toEqual(['b']);
  });

  test('what they throw themselves is classified as the handler’s own errors are', async () => {
    await parameters.close();
    await world.send([job('a', 'Ada')]);
    const { Records, answer } = await invoke({ jobs: { greet: greet(published()) } });
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: Records[0]?.messageId }] });
    expect(await world.deadLetters()).toEqual([]);
    parameters = await startParameterStore({});
  });

  test('a response that onError sets is the job’s result', async () => {
    const recovers = {
      onError(request: { response: unknown }) {
        request.response = 'nobody greeted';
      },
    };
    await world.send([job('a', 'nobody')]);
    await invoke({ jobs: { greet: greet([recovers]) } });
    expect((await world.items()).get('a')).toMatchObject({ Status: 'done', Result: 'nobody greeted' });
  });

  test('they see only jobs that satisfy the schema', async () => {
    const seen: unknown[] = [];
    const watcher = { before: ({ event }: { event: unknown }) => void seen.push(event) };
    await world.send([job('a', 'Ada'), { job_id: 'b', name: 7 }, 'no job']);
    await invoke({ jobs: { greet: greet([watcher]) } });
    expect(seen).toEqual([job('a', 'Ada')]);
  });
});

describe('around the batch', () => {
  test('a parameter is read once, and event and answer are logged', async () => {
    await world.send([
      { job_id: 'a', value: 1 },
      { job_id: 'b', value: 'poison' },
    ]);
    const { Records, answer } = await invoke({ jobs: { triple }, middlewares: published() });
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(parameters.requests()).toBe(1);
    expect(logged).toEqual([
      expect.objectContaining({ event: { Records } }),
      expect.objectContaining({ response: { batchItemFailures: [] } }),
    ]);
    expect((await world.items()).get('a')?.Result).toBe(3);
  });

  test('where one of them fails every record comes back, and the error has been seen', async () => {
    await parameters.close();
    await world.send([
      { job_id: 'a', value: 1 },
      { job_id: 'b', value: 2 },
    ]);
    const { Records, answer } = await invoke({ jobs: { triple }, middlewares: published() });
    expect(answer.batchItemFailures).toEqual(Records.map(({ messageId }) => ({ itemIdentifier: messageId })));
    expect(errors).toHaveLength(1);
    expect((await world.items()).size).toBe(0);
    parameters = await startParameterStore({});
  });
});
