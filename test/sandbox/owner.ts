import { fork } from 'node:child_process';
import { join } from 'node:path';
import { SANDBOX_VARIABLE } from '../../src/sandbox/serve.ts';

/** Starts a sandbox whose job never ends, and says its process id. */
const child = fork(join(import.meta.dirname, 'entry.ts'), {
  env: { ...process.env, [SANDBOX_VARIABLE]: '1' },
  serialization: 'advanced',
});
child.once('message', () => {
  child.send({ kind: 'run', type: 'loop', job: {}, attempt: 1, fencingToken: 1, slot: 1 }, () => {
    setTimeout(() => console.log(child.pid), 200);
  });
});
