import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { cloudWith, eventually, functionResource, queueResource, type World } from '../cloud-under-test.ts';

const API = '/2015-03-31';
const resources = {
  Queue: queueResource('work', { VisibilityTimeout: 30 }),
  Other: queueResource('other'),
  Function: functionResource('worker', { ReservedConcurrentExecutions: 2 }),
  Idle: functionResource('idle', { Timeout: 40 }),
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
      FunctionName: { Ref: 'Function' },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    },
  },
};
const code = `exports.handler = async (event) => {
  if (event.fail) { console.log('about to fail'); throw new RangeError('no ' + event.fail); }
  if (event.sleep) await new Promise((resolve) => setTimeout(resolve, event.sleep));
  if (event.Records) { console.log('batch of ' + event.Records.length); return { batchItemFailures: [] }; }
  return { got: event };
};`;

async function call(
  world: World,
  method: string,
  path: string,
  body?: object | string,
  headers: Record<string, string> = {},
) {
  const text = typeof body === 'object' ? JSON.stringify(body) : body;
  const response = await fetch(world.cloud.endpoint + API + path, {
    method,
    headers,
    ...(text !== undefined && { body: text }),
  });
  const answer = await response.text();
  const error = response.headers.get('x-amzn-errortype');
  return {
    status: response.status,
    headers: response.headers,
    error,
    text: answer,
    json: answer.startsWith('{') ? JSON.parse(answer) : undefined,
  };
}

const invoke = (world: World, name: string, event: object | string, headers = {}) =>
  call(world, 'POST', `/functions/${name}/invocations`, event, headers);
const mappings = async (world: World, query = '') =>
  (await call(world, 'GET', `/event-source-mappings/${query}`)).json.EventSourceMappings;

describe('Invoke', () => {
  test('RequestResponse answers with what the function returned, by name and by ARN', async () => {
    await using world = await cloudWith(resources, { code });
    for (const name of [
      'worker',
      encodeURIComponent('arn:aws:lambda:us-east-1:000000000000:function:worker'),
      'worker:$LATEST',
    ]) {
      const answer = await invoke(world, name, { a: 1 });
      expect(answer).toMatchObject({ status: 200, json: { got: { a: 1 } } });
      expect(answer.headers.get('x-amz-function-error')).toBeNull();
      expect(answer.headers.get('x-amz-log-result')).toBeNull();
    }
  });

  test('an error of the function is a 200 with X-Amz-Function-Error, and the log when asked for', async () => {
    await using world = await cloudWith(resources, { code });
    const answer = await invoke(world, 'worker', { fail: 'luck' }, { 'x-amz-log-type': 'Tail' });
    expect(answer).toMatchObject({ status: 200, json: { errorType: 'RangeError', errorMessage: 'no luck' } });
    expect(answer.headers.get('x-amz-function-error')).toBe('Unhandled');
    const log = Buffer.from(answer.headers.get('x-amz-log-result') ?? '', 'base64').toString();
    expect(log).toContain('about to fail');
    expect(log).toContain('REPORT RequestId');
  });

  test('the reserved concurrency answers 429, and the bystanders finish', async () => {
    await using world = await cloudWith(resources, { code });
    const answers = await Promise.all([1, 2, 3].map(() => invoke(world, 'worker', { sleep: 400 })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 429]);
    expect(answers.find((answer) => answer.status === 429)?.error).toBe('TooManyRequestsException');
    expect((await invoke(world, 'idle', { a: 1 })).status).toBe(200);
  });

  test('DryRun checks and runs nothing', async () => {
    await using world = await cloudWith(resources, { code });
    expect((await invoke(world, 'idle', {}, { 'x-amz-invocation-type': 'DryRun' })).status).toBe(204);
    expect(world.cloud.functions.get('idle')?.stats().invocations).toBe(0);
  });

  test('Event answers 202 at once and tries a failing event three times', async () => {
    await using world = await cloudWith(resources, { code, asyncRetryDelaysMs: [10, 20] });
    const headers = { 'x-amz-invocation-type': 'Event' };
    expect(await invoke(world, 'idle', { fail: 'again' }, headers)).toMatchObject({ status: 202, text: '' });
    await eventually(() =>
      expect(world.logs.join('\n')).toContain('asynchronous invocation of idle failed 3 times and is dropped'),
    );
    expect(world.cloud.functions.get('idle')?.stats()).toMatchObject({ invocations: 3, errors: 3 });
    expect(await invoke(world, 'idle', { a: 1 }, headers)).toMatchObject({ status: 202 });
    await eventually(() =>
      expect(world.cloud.functions.get('idle')?.stats()).toMatchObject({ invocations: 4, errors: 3 }),
    );
  });

  test('bad requests have the errors of Lambda', async () => {
    await using world = await cloudWith(resources, { code });
    expect(await invoke(world, 'nope', {})).toMatchObject({ status: 404, error: 'ResourceNotFoundException' });
    expect(await invoke(world, 'idle', '{not json')).toMatchObject({
      status: 400,
      error: 'InvalidRequestContentException',
    });
    expect(await invoke(world, 'idle', {}, { 'x-amz-invocation-type': 'Later' })).toMatchObject({
      status: 400,
      error: 'InvalidParameterValueException',
    });
    const large = JSON.stringify({ text: 'x'.repeat(1_048_577) });
    expect(await invoke(world, 'idle', large, { 'x-amz-invocation-type': 'Event' })).toMatchObject({
      status: 413,
      error: 'RequestTooLargeException',
    });
    expect(await call(world, 'POST', '/functions', {})).toMatchObject({ status: 501, error: 'NotImplemented' });
    expect(world.cloud.functions.get('idle')?.stats().invocations).toBe(0);
  });
});

describe('functions', () => {
  test('they are listed and described as the template declares them', async () => {
    await using world = await cloudWith(resources, { code });
    const { json } = await call(world, 'GET', '/functions/');
    expect(json.Functions.map((each: { FunctionName: string }) => each.FunctionName).sort()).toEqual([
      'idle',
      'worker',
    ]);
    expect((await call(world, 'GET', '/functions/worker')).json).toMatchObject({
      Configuration: {
        FunctionName: 'worker',
        FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
        Handler: 'src/main.handler',
        Runtime: 'nodejs24.x',
        Timeout: 5,
        MemorySize: 128,
        State: 'Active',
      },
      Concurrency: { ReservedConcurrentExecutions: 2 },
    });
    expect((await call(world, 'GET', '/functions/idle/configuration')).json).toMatchObject({
      FunctionName: 'idle',
      Timeout: 40,
    });
    expect(await call(world, 'GET', '/functions/nope')).toMatchObject({
      status: 404,
      error: 'ResourceNotFoundException',
    });
  });
});

describe('event source mappings', () => {
  test('they are listed by function and by queue', async () => {
    await using world = await cloudWith(resources, { code });
    const [mapping] = await mappings(world);
    expect(mapping).toMatchObject({
      UUID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 0,
      EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:work',
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    expect(await mappings(world, '?FunctionName=worker')).toHaveLength(1);
    expect(await mappings(world, '?FunctionName=idle')).toEqual([]);
    expect(await mappings(world, '?EventSourceArn=arn:aws:sqs:us-east-1:000000000000:other')).toEqual([]);
    expect((await call(world, 'GET', `/event-source-mappings/${mapping.UUID}`)).json.UUID).toBe(mapping.UUID);
    expect(await call(world, 'GET', '/event-source-mappings/nope')).toMatchObject({ status: 404 });
  });

  test('an update takes effect while it polls, and one that Lambda refuses changes nothing', async () => {
    await using world = await cloudWith(resources, { code });
    const [{ UUID }] = await mappings(world);
    const update = (body: object) => call(world, 'PUT', `/event-source-mappings/${UUID}`, body);
    for (const wrong of [
      { BatchSize: 50 },
      { BatchSize: 10_001, MaximumBatchingWindowInSeconds: 1 },
      { ScalingConfig: { MaximumConcurrency: 1 } },
      { MaximumBatchingWindowInSeconds: 301 },
    ]) {
      expect(await update(wrong)).toMatchObject({ status: 400, error: 'InvalidParameterValueException' });
    }
    expect((await mappings(world))[0]).toMatchObject({ BatchSize: 10, MaximumBatchingWindowInSeconds: 0 });
    const changes = { BatchSize: 50, MaximumBatchingWindowInSeconds: 1, ScalingConfig: { MaximumConcurrency: 5 } };
    expect(await update(changes)).toMatchObject({ status: 202, json: { ...changes, State: 'Updating' } });
    for (let index = 0; index < 20; index += 1) {
      await world.sqs.send(new SendMessageCommand({ QueueUrl: world.queueUrl('work'), MessageBody: `${index}` }));
    }
    await eventually(async () => expect(await left(world, 'work')).toBe(0));
    await eventually(async () =>
      expect((await mappings(world))[0]).toMatchObject({ State: 'Enabled', LastProcessingResult: 'OK' }),
    );
  });

  test('a disabled one leaves its queue alone until it is enabled again', async () => {
    await using world = await cloudWith(resources, { code });
    const [{ UUID }] = await mappings(world);
    await call(world, 'PUT', `/event-source-mappings/${UUID}`, { Enabled: false });
    await eventually(async () => expect((await mappings(world))[0].State).toBe('Disabled'));
    await world.sqs.send(new SendMessageCommand({ QueueUrl: world.queueUrl('work'), MessageBody: 'waits' }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await left(world, 'work')).toBe(1);
    await call(world, 'PUT', `/event-source-mappings/${UUID}`, { Enabled: true });
    await eventually(async () => expect(await left(world, 'work')).toBe(0));
  });

  test('they are created and deleted, once for each queue and function', async () => {
    await using world = await cloudWith(resources, { code });
    const EventSourceArn = 'arn:aws:sqs:us-east-1:000000000000:other';
    const create = (body: object) => call(world, 'POST', '/event-source-mappings/', body);
    expect(await create({ EventSourceArn, FunctionName: 'idle' })).toMatchObject({
      status: 400,
      error: 'InvalidParameterValueException',
      json: { message: expect.stringContaining('is less than Function timeout: 40 seconds') },
    });
    const created = await create({ EventSourceArn, FunctionName: 'worker' });
    expect(created).toMatchObject({ status: 202, json: { State: 'Creating' } });
    expect(await create({ EventSourceArn, FunctionName: 'worker' })).toMatchObject({
      status: 409,
      error: 'ResourceConflictException',
    });
    await world.sqs.send(new SendMessageCommand({ QueueUrl: world.queueUrl('other'), MessageBody: 'x' }));
    await eventually(async () => expect(await left(world, 'other')).toBe(0));
    expect(await call(world, 'DELETE', `/event-source-mappings/${created.json.UUID}`)).toMatchObject({ status: 202 });
    expect(await mappings(world)).toHaveLength(1);
  });
});

async function left(world: World, name: string): Promise<number> {
  const { Attributes = {} } = await world.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: world.queueUrl(name), AttributeNames: ['All'] }),
  );
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
}
