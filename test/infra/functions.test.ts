import { consumer } from '../../infra/functions.js';

const SERVICE = { prefix: 'sluice-x', stage: 'x', logLevel: 'WARN' };
const QUEUE = {
  timeout: 60,
  memory: 256,
  batchSize: 20,
  batchWindow: 2,
  maximumConcurrency: 3,
  workerConcurrency: 4,
  maxReceiveCount: 5,
  resultTtlDays: 30,
  jobSeconds: 1,
  messageBytes: 1000,
  maxPayloadBytes: 1000,
  environment: {},
  permissions: [],
};

test('a declaration gives a function with its mapping, its role and what src/env.ts reads', () => {
  expect(consumer('late-mails', { ...QUEUE, defaultType: 'mail' }, SERVICE)).toEqual({
    name: 'sluice-x-late-mails',
    handler: 'src/functions/late-mails.handler',
    role: 'LateDashmailsRole',
    timeout: 60,
    memorySize: 256,
    environment: {
      STAGE: 'x',
      LOG_LEVEL: 'WARN',
      TABLE_NAME: { Ref: 'ResultsTable' },
      QUEUE_URL: { Ref: 'LateDashmailsQueue' },
      DLQ_URL: { Ref: 'LateDashmailsDeadLetterQueue' },
      DEFAULT_TYPE: 'mail',
      MAX_RECEIVE_COUNT: 5,
      VISIBILITY_TIMEOUT: 362,
      WORKER_CONCURRENCY: 4,
      RESULT_TTL_DAYS: 30,
    },
    events: [
      {
        sqs: {
          arn: { 'Fn::GetAtt': ['LateDashmailsQueue', 'Arn'] },
          batchSize: 20,
          maximumBatchingWindow: 2,
          maximumConcurrency: 3,
          functionResponseType: 'ReportBatchItemFailures',
        },
      },
    ],
  });
});

test('without a default type the function is told of none; what it reserves and its own variables are added', () => {
  const own = { ...QUEUE, reservedConcurrency: 5, environment: { HOST: 'a', LOG_LEVEL: 'DEBUG' } };
  const { environment, reservedConcurrency } = consumer('mails', own, SERVICE);
  expect(environment).not.toHaveProperty('DEFAULT_TYPE');
  expect(environment).toMatchObject({ HOST: 'a', LOG_LEVEL: 'DEBUG', STAGE: 'x' });
  expect(reservedConcurrency).toBe(5);
});

test('a variable that every consumer has cannot be set beside its declaration', () => {
  const own = { ...QUEUE, environment: { MAX_RECEIVE_COUNT: 3 } };
  expect(() => consumer('mails', own, SERVICE)).toThrow('custom.queues.mails.environment.MAX_RECEIVE_COUNT');
});
