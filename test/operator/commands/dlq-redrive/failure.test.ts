import { SQSClient } from '@aws-sdk/client-sqs';
import type { CommandContext } from '../../../../operator/command.ts';
import { redrive } from '../../../../operator/commands/dlq-redrive/redrive.ts';
import { connect } from '../../../../operator/stage/connect.ts';
import { FaultyHandler, reset } from '../../../faults/faulty-handler.ts';
import { letterOf } from '../../dead-letters/letters.ts';
import { depth, sendAll } from '../../dead-letters/world.ts';
import { operator } from '../../operator.ts';

test('where a request fails for good in the middle, it says what was done until then, and then what failed', async () => {
  await using op = await operator();
  const letters = Array.from({ length: 400 }, (_, i) => letterOf({ job_id: `j${i}`, value: 1 }));
  await sendAll(op, op.queueUrl('jobs-dlq'), letters);
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const location = { endpoint: op.cloud.endpoint, region: 'us-east-1', credentials };
  let departures = 0;
  const sqs = new SQSClient({
    ...location,
    maxAttempts: 1,
    requestHandler: new FaultyHandler(async ({ operation, forward }) => {
      if (operation === 'SendMessageBatch') departures += 1;
      if (operation === 'ReceiveMessage' && departures >= 4) throw reset();
      return forward();
    }),
  });
  const stage = { ...(await connect({ stage: 'test', region: 'us-east-1' }, location)), sqs };
  let out = '';
  let code: number | undefined;
  const context = {
    stage: async () => stage,
    json: false,
    out: { write: (text: string) => (out += text) },
    err: { stream: { isTTY: false }, write: () => {} },
    signal: new AbortController().signal,
    onInterrupt: () => () => {},
    exit: (wanted: number) => (code = wanted),
  } as unknown as CommandContext;
  await expect(redrive(context, { queue: 'jobs', yes: true, timeout: 1 }, [])).rejects.toThrow('socket hang up');
  const sent = Number(/^ +(\d+) {2}sent back$/m.exec(out)?.[1]);
  expect(sent).toBeGreaterThan(0);
  expect(out).toContain(`${400 - sent}  left where they are`);
  expect(out).toContain('It ended early, and this is what was done until then.');
  expect(await depth(op, op.queueUrl('jobs'))).toEqual([sent, 0]);
  expect(code).toBeUndefined();
}, 60_000);
