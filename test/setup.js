import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const binaries = join(root, 'node_modules/.bin');

/**
 * Packages the service once for all tests that run it as it would be deployed, with times short enough for a test: a
 * function timeout of 2 s, so a visibility timeout of 13 s; a retry queue's delay of 3 s; and with a job type that ends its process. Packaging also generates validators and the job registry.
 */
export default function setup() {
  const parameters = ['timeout=2', 'batchWindow=1', 'batchSize=50', 'maximumConcurrency=2', 'retryDelay=3'];
  execFileSync(
    join(binaries, 'serverless'),
    ['package', '--stage', 'test', '--package', '.sluice/test', ...parameters.flatMap((value) => ['--param', value])],
    {
      cwd: root,
      stdio: 'pipe',
      env: {
        ...process.env,
        PATH: `${binaries}${delimiter}${process.env.PATH}`,
        NODE_OPTIONS: '',
        SLUICE_JOBS: 'demo/jobs/with-saboteur.ts',
      },
    },
  );
}
