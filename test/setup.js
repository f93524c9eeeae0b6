import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The validators and the job registry are generated; a test run always sees today's. */
export default function setup() {
  const root = join(import.meta.dirname, '..');
  execFileSync(process.execPath, [join(root, 'build/generate.ts')], { stdio: 'inherit' });
}
