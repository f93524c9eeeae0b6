import { SQSClient } from '@aws-sdk/client-sqs';
import { moveNatively, NoMoveTasks } from '../../../../operator/dead-letters/redriving/native.ts';
import { answer, FaultyHandler } from '../../../faults/faulty-handler.ts';

// No server here knows move tasks, so SQS's answers are written down from its API reference.
function cloud(answers: (operation: string, input: Record<string, unknown>) => [number, object]) {
  const asked: [string, Record<string, unknown>][] = [];
  const requestHandler = new FaultyHandler(async ({ operation, input }) => {
    asked.push([operation, input]);
    return answer(...answers(operation, input));
  });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const sqs = new SQSClient({ region: 'us-east-1', endpoint: 'http://127.0.0.1:9', credentials, requestHandler });
  return { sqs, asked };
}

const ARN = 'arn:aws:sqs:us-east-1:1:jobs-dlq';
const OLDER = { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 99, ApproximateNumberOfMessagesToMove: 99 };
const task = (Status: string, moved: number) => ({
  ...(Status === 'RUNNING' || Status === 'CANCELLING' ? { TaskHandle: 'h' } : {}),
  Status,
  ApproximateNumberOfMessagesMoved: moved,
  ApproximateNumberOfMessagesToMove: 30,
});
const options = { deadLettersArn: ARN, destinationArn: undefined, rate: undefined, pollMs: 1 };

test('a move task is started at its rate, watched until it is over, and its counts are told', async () => {
  const states = [task('RUNNING', 10), task('RUNNING', 20), task('COMPLETED', 30)];
  const { sqs, asked } = cloud((operation) => {
    return operation === 'StartMessageMoveTask'
      ? [200, { TaskHandle: 'h' }]
      : [200, { Results: [states.shift(), OLDER] }];
  });
  const told: number[] = [];
  const { signal } = new AbortController();
  const onProgress = (moved: number) => told.push(moved);
  const moved = await moveNatively({ ...options, sqs, rate: 50, destinationArn: 'arn:to', signal, onProgress });
  expect(moved).toEqual({ status: 'COMPLETED', moved: 30, ofAbout: 30, failure: undefined });
  expect(told).toEqual([10, 20, 30]);
  expect(asked[0]).toEqual([
    'StartMessageMoveTask',
    { SourceArn: ARN, DestinationArn: 'arn:to', MaxNumberOfMessagesPerSecond: 50 },
  ]);
});

test('an interruption cancels the task and waits until SQS has done so', async () => {
  const abort = new AbortController();
  const states = [task('RUNNING', 1), task('CANCELLING', 2), task('CANCELLED', 3)];
  const { sqs, asked } = cloud((operation) => {
    if (operation === 'StartMessageMoveTask') return [200, { TaskHandle: 'h' }];
    if (operation === 'CancelMessageMoveTask') return [200, { ApproximateNumberOfMessagesMoved: 2 }];
    abort.abort();
    return [200, { Results: [states.shift()] }];
  });
  const { status } = await moveNatively({ ...options, sqs, signal: abort.signal });
  expect(status).toBe('CANCELLED');
  expect(asked.filter(([operation]) => operation === 'CancelMessageMoveTask')).toEqual([
    ['CancelMessageMoveTask', { TaskHandle: 'h' }],
  ]);
});

test('a task that fails tells why', async () => {
  const { sqs } = cloud((operation) =>
    operation === 'StartMessageMoveTask'
      ? [200, { TaskHandle: 'h' }]
      : [200, { Results: [{ ...task('FAILED', 4), FailureReason: 'AccessDenied' }] }],
  );
  const moved = await moveNatively({ ...options, sqs, signal: new AbortController().signal });
  expect(moved).toMatchObject({ status: 'FAILED', moved: 4, failure: 'AccessDenied' });
});

test.each(['UnsupportedOperation', 'InvalidAction', 'NotImplemented'])(
  'a cloud that answers %s has no move tasks',
  async (code) => {
    const { sqs } = cloud(() => [400, { __type: `com.amazonaws.sqs#${code}`, message: 'no' }]);
    const moving = moveNatively({ ...options, sqs, signal: new AbortController().signal });
    await expect(moving).rejects.toThrow(NoMoveTasks);
  },
);

test('any other answer is passed on as it is: one task of a queue at a time', async () => {
  const { sqs } = cloud(() => [400, { __type: 'com.amazonaws.sqs#InvalidParameterValue', message: 'already running' }]);
  const moving = moveNatively({ ...options, sqs, signal: new AbortController().signal });
  await expect(moving).rejects.toThrow('already running');
});
