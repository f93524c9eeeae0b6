import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { LOCK } from './cli.ts';
import { startDynamoDBLocal } from './implementations/dynamodb-local.ts';
import { startElasticMq } from './implementations/elasticmq.ts';
import { installMiniStack, startMiniStack, VERSION } from './implementations/ministack.ts';
import { ROOT, type Server, stopGroup } from './implementations/server.ts';
import type { Subject, Subjects } from './subjects.ts';

/** Starts what the suite runs against, MiniStack in any case and the others if they can be had. */
async function startAll(running: Pick<Server, 'stop'>[]): Promise<Subjects> {
  installMiniStack();
  const ministack = await startMiniStack();
  running.push(ministack);
  const missing: Record<string, string> = {};
  const ifItCanBeHad = async (name: string, start: () => Promise<Server & Subject>): Promise<object> => {
    try {
      const server = await start();
      running.push(server);
      return { [name]: { version: server.version, endpoint: server.endpoint } };
    } catch (error) {
      missing[name] = (error as Error).message;
      return {};
    }
  };
  return {
    ministack: { version: VERSION, endpoint: ministack.endpoint },
    ...(await ifItCanBeHad('dynamodbLocal', startDynamoDBLocal)),
    ...(await ifItCanBeHad('elasticmq', startElasticMq)),
    missing,
  };
}

/** @param stopping holds what stops it, with its workers and the commands that they run */
async function jest(subjects: Subjects, stopping: Pick<Server, 'stop'>[]): Promise<number> {
  const bin = join(ROOT, 'node_modules/.bin/jest');
  const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', bin];
  const child = spawn(process.execPath, [...args, '--config', 'test/cloud/jest.config.js', ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, SLUICE_CLOUD: JSON.stringify(subjects) },
    detached: true,
  });
  stopping.push({ stop: () => stopGroup(child) });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

const running: Pick<Server, 'stop'>[] = [];
const stopAll = () => Promise.all(running.map((one) => one.stop()));
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
  process.once(signal, () => void stopAll().finally(() => process.exit(code)));
}
rmSync(LOCK, { recursive: true, force: true });
try {
  console.log('Starting MiniStack, DynamoDB Local and ElasticMQ; the first time they are fetched');
  process.exitCode = await jest(await startAll(running), running);
} catch (error) {
  console.error(`The cloud suite could not run: ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  await stopAll();
}
