import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { eventually, functionResource, packageDirectory, queueResource } from './cloud-under-test.ts';

const START = path.resolve('localstack/start.ts');
const NODE = path.resolve('node_modules/.bin/node');

/** Runs start.ts in a directory that holds a packaged service. */
function start(resources: object, ...flags: string[]) {
  const { directory } = packageDirectory(resources);
  mkdirSync(path.join(directory, '.serverless'));
  for (const file of ['cloudformation-template-update-stack.json', 'code.zip']) {
    cpSync(path.join(directory, file), path.join(directory, '.serverless', file));
  }
  const child = spawn(NODE, [START, '--no-package', ...flags], { cwd: directory });
  const seen = { text: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (seen.text += data));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { child, seen, ended };
}

describe('npm start', () => {
  test('shows what came up, what did not, and how to call it; SIGTERM ends it cleanly', async () => {
    const run = start(
      {
        Queue: queueResource('work'),
        Function: functionResource('worker'),
        Alarm: { Type: 'AWS::CloudWatch::Alarm' },
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: { EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] }, FunctionName: { Ref: 'Function' } },
        },
      },
      '--port',
      '0',
    );
    await eventually(() => expect(run.seen.text).toContain('Ctrl-C stops it'), 20_000);
    expect(run.seen.text).toMatch(/Queues:\n {2}http:\/\/127\.0\.0\.1:\d+\/000000000000\/work\n/);
    expect(run.seen.text).toContain('Event source mappings:\n  work -> worker, batches of up to 10, window 0 s');
    expect(run.seen.text).toContain('Not emulated:\n  AWS::CloudWatch::Alarm Alarm: there are no metrics to watch');
    const endpoint = /AWS_ENDPOINT_URL=(\S+)/.exec(run.seen.text)?.[1];
    await eventually(async () => expect((await fetch(`${endpoint}/_localstack/health`)).status).toBe(200));
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    await expect(fetch(`${endpoint}/_localstack/health`)).rejects.toThrow('fetch failed');
  });

  test('a taken port ends it with code 1 and says how to choose another', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const run = start({ Queue: queueResource('work') }, '--port', String(port));
    expect(await run.ended).toBe(1);
    expect(run.seen.text.trim()).toBe(
      `Port ${port} is taken by another process. Choose another with --port or SLUICE_PORT; --port 0 takes any free one.`,
    );
    other.close();
  });

  test.each([
    [['--port', 'http'], 'Port http is not a number from 0 to 65535.'],
    [['--colour'], "Unknown option '--colour'"],
  ])('%j ends it with code 1 and the reason', async (flags, reason) => {
    const run = start({}, ...flags);
    expect(await run.ended).toBe(1);
    expect(run.seen.text).toContain(reason);
    expect(run.seen.text).not.toContain('    at ');
  });
});
