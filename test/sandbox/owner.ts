import { fork } from 'node:child_process';
import { join } from 'node:path';
import { SANDBOX_VARIABLE } from '../../src/sandbox/serve.ts';

/** Starts a sandbox, says its process id, and gives it the job that the argument names, such as one that never ends. */
const child = fork(join(import.meta.dirname, 'entry.ts'), {
  env: { ...process.env, [SANDBOX_VARIABLE]: String(process.pid) },
  serialization: 'advanced',
});
console.log(child.pid);
child.once('message', () => {
  const order = { kind: 'run', type: process.argv[2], job: {}, attempt: 1, fencingToken: 1, slot: 1 };
  child.send({ ...order, lambda: {}, remainingMs: 60_000 }, () => console.log('running'));
});
