const { execFileSync } = require('node:child_process');
const { join, resolve } = require('node:path');
const payloadsOf = require('./payloads.cjs');
const shed = require('./shed.cjs');
const storeOf = require('./store.cjs');

// Settings for serverless-esbuild. The shares are what each saves of the CPU of a cold start
// (`node bench/tricks.ts --only esbuild`).
/** @param {{ service: { custom: import('./payloads.cjs').Custom & { store?: string } } }} [serverless] without it, as for the parameters' defaults */
module.exports = (serverless) => ({
  bundle: true,
  // 5 %: there is less to parse.
  minify: true,
  sourcemap: false,
  // 19 % and 15 %: as ESM, or with a dynamic import left in, Node reads every export of node:http and loads undici with
  // it (nodejs/node#59686).
  format: 'cjs',
  supported: { 'dynamic-import': false },
  platform: 'node',
  // 31 %: of the SDK's CommonJS esbuild drops nothing.
  mainFields: ['module', 'main'],
  // What a sandbox's process loads: the bundle itself.
  define: { 'import.meta.filename': '__filename' },
  outputFileExtension: '.cjs',
  // The Lambda runtime's own SDK would tie us to its version and loads slower than a tree-shaken one.
  exclude: [],
  external: [],
  packager: 'npm',
  // A kept esbuild context would keep the command from ending.
  skipRebuild: true,
  plugins: [
    generatePlugin,
    otherJobsPlugin,
    ...storeOf(serverless?.service.custom.store),
    ...payloadsOf(serverless?.service.custom),
    shed,
  ],
});

// The demo and the tests run job types that no service should have: SLUICE_JOBS names a file that exports `jobs`.
const otherJobsPlugin = {
  name: 'other-jobs',
  /** @param {import("esbuild").PluginBuild} build */
  setup(build) {
    const file = process.env.SLUICE_JOBS;
    if (file) build.onResolve({ filter: /^#jobs$/ }, () => ({ path: resolve(__dirname, '..', file) }));
  },
};

// Whatever Node runs the framework, ours (node_modules/.bin/node) understands TypeScript.
const generatePlugin = {
  name: 'generate',
  /** @param {import("esbuild").PluginBuild} build */
  setup(build) {
    build.onStart(() => {
      execFileSync(join(__dirname, '../node_modules/.bin/node'), [join(__dirname, 'generate.ts')], {
        stdio: 'inherit',
      });
    });
  },
};
