import { functionWorld } from './world.ts';

test('the context names the function, the invocation and the real remaining time', async () => {
  await using world = functionWorld(
    `export const handler = async (event, context) => {
      const before = context.getRemainingTimeInMillis();
      await new Promise((r) => setTimeout(r, 200));
      const { getRemainingTimeInMillis, ...rest } = context;
      return { ...rest, keys: Object.keys(context), before, after: getRemainingTimeInMillis() };
    };`,
    { timeoutSeconds: 5, memoryMegabytes: 256 },
  );
  const { payload, requestId } = await world.function.invoke('{}');
  const { before, after, keys, ...context } = JSON.parse(payload);
  expect(context).toEqual({
    awsRequestId: requestId,
    functionName: 'worker',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:worker',
    memoryLimitInMB: '256',
    logGroupName: '/aws/lambda/worker',
    logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
  });
  expect(keys).toEqual(expect.arrayContaining(['identity', 'clientContext']));
  expect(before).toBeGreaterThan(4_000);
  expect(before).toBeLessThanOrEqual(5_000);
  expect(before - after).toBeGreaterThanOrEqual(199);
  expect(before - after).toBeLessThan(2_000);
});

test('the function sees its own environment and nothing of the host', async () => {
  process.env.SLUICE_HOST_SECRET = 'must not leak';
  try {
    await using world = functionWorld('export const handler = async () => process.env;', {
      environment: { TABLE: 'results', AWS_REGION: 'eu-central-1' },
      handler: 'index.handler',
    });
    const { payload } = await world.function.invoke('{}', { traceId: 'Root=1-2-3' });
    const { PATH, TMPDIR, ...env } = JSON.parse(payload);
    expect(PATH).toBe(process.env.PATH);
    expect(TMPDIR).toBe(process.env.TMPDIR);
    expect(env).toEqual({
      TABLE: 'results',
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_FUNCTION_NAME: 'worker',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/worker',
      AWS_LAMBDA_LOG_STREAM_NAME: expect.stringContaining('[$LATEST]'),
      LAMBDA_TASK_ROOT: world.function.configuration.codeDirectory,
      _HANDLER: 'index.handler',
      _X_AMZN_TRACE_ID: 'Root=1-2-3',
    });
  } finally {
    delete process.env.SLUICE_HOST_SECRET;
  }
});

test('every invocation has a trace id of its own', async () => {
  await using world = functionWorld('export const handler = async () => process.env._X_AMZN_TRACE_ID;');
  const first = JSON.parse((await world.function.invoke('{}')).payload);
  expect(first).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=[0-9a-f]{8}:0$/);
  expect(JSON.parse((await world.function.invoke('{}')).payload)).not.toBe(first);
});
