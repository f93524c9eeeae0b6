import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** @throws Error that says how to install the peers, where they are missing */
export function checkPeers(): void {
  if (existsSync(join(import.meta.dirname, 'node_modules/@aws-lambda-powertools/batch'))) return;
  throw new Error('the peers are not installed: run `npm ci --prefix bench` first');
}
