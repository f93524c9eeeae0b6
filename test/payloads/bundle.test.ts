import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'sluice-payloads-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A function as it is packaged with this part of serverless.yml; without one, as if there were no payloads at all. */
async function bundleOf(name: string, custom?: object) {
  const { plugins, exclude, packager, skipRebuild, outputFileExtension, ...settings } =
    require('../../build/esbuild.cjs')();
  const outfile = join(folder, `${name}-${custom !== undefined}.cjs`);
  const { metafile } = await build({
    ...settings,
    target: 'node20',
    entryPoints: [`src/functions/${name}.ts`],
    outfile,
    metafile: true as const,
    plugins: [...(custom ? require('../../build/payloads.cjs')(custom) : []), require('../../build/shed.cjs')],
  });
  const [output] = Object.values(metafile?.outputs ?? {});
  const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return { text: readFileSync(outfile, 'utf8'), inputs: inputs.map(([path]) => path).join('\n') };
}

const CUSTOM = {
  queues: { jobs: { defaultType: 'triple' } },
  patterns: [null, { queues: { documents: { largePayloads: true } } }],
};

test('a function without payloads has not a byte for them, whatever other functions have', async () => {
  const [alone, beside, out] = await Promise.all([
    bundleOf('jobs'),
    bundleOf('jobs', CUSTOM),
    bundleOf('documents', { ...CUSTOM, patterns: [] }),
  ]);
  expect(beside.text === alone.text).toBe(true);
  for (const bundle of [alone, out]) {
    expect(bundle.inputs).not.toMatch(/client-s3|src\/payloads|aws\/s3-api|chains\/payloads\/(?!none)/);
    // The constant of none.ts and all that depends on it are gone. Not toMatch, which would print the bundle.
    expect(/payloadoffloading|PAYLOADS_BUCKET/.test(bundle.text)).toBe(false);
  }
});

test('a function with payloads has the client for S3, and of its operations one', async () => {
  const { inputs, text } = await bundleOf('documents', CUSTOM);
  expect(inputs).toMatch(/client-s3/);
  expect(text.includes('PAYLOADS_BUCKET')).toBe(true);
  expect(text.includes('PutBucketLifecycleConfiguration')).toBe(false);
  // Kilobytes; 425 as this was written. Each cold start parses all of it.
  expect(text.length / 1024).toBeLessThan(450);
});
