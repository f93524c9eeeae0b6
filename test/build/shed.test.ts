import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { strFromU8, unzipSync } from 'fflate';

const folder = mkdtempSync(join(tmpdir(), 'sluice-shed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const require = createRequire(import.meta.url);
const { mainFields } = require('../../build/esbuild.cjs')();
const PACKAGED = '.sluice/test';
const KEYS = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };

/** What a client says of its credentials, in a bundle that sheds as the service's does. */
async function credentials(environment: Record<string, string>): Promise<string> {
  const outfile = join(folder, 'client.cjs');
  await build({
    stdin: {
      contents: `
        import { SQSClient } from '@aws-sdk/client-sqs';
        new SQSClient({ region: 'us-east-1' }).config.credentials().then(
          ({ accessKeyId, secretAccessKey, sessionToken }) => console.log([accessKeyId, secretAccessKey, sessionToken].join()),
          (error) => console.log(error.message),
        );`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    platform: 'node',
    outfile,
    mainFields,
    plugins: [require('../../build/shed.cjs')],
  });
  return execFileSync(process.execPath, [outfile], { env: { HOME: folder, ...environment }, encoding: 'utf8' }).trim();
}

test('a client takes the credentials that Lambda puts into the environment', async () => {
  expect(await credentials(KEYS)).toBe('key,secret,token');
});

test('without them it says so, and looks nowhere else', async () => {
  writeFileSync(join(folder, 'config'), '[default]\naws_access_key_id=other\naws_secret_access_key=other\n');
  const files = { AWS_CONFIG_FILE: join(folder, 'config'), AWS_SHARED_CREDENTIALS_FILE: join(folder, 'config') };
  expect(await credentials(files)).toMatch(/Unable to find environment variable credentials/);
});

test('the deployed function holds none of what is shed, and stays small: each cold start parses all of it', () => {
  const [bundle = new Uint8Array()] = Object.values(unzipSync(readFileSync(join(PACKAGED, 'jobs.zip'))));
  const code = strFromU8(bundle);
  expect(code).toContain('Unable to find environment variable credentials');
  expect(code).not.toMatch(/AssumeRole|sso_session|AWS_SHARED_CREDENTIALS_FILE|:message-type/);
  // Kilobytes; 288 as this was written.
  expect(bundle.length / 1024).toBeLessThan(330);
});
