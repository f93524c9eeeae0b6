const { execFileSync } = require('node:child_process');
const { join, resolve } = require('node:path');
const shed = require('./shed.cjs');

// Settings for serverless-esbuild. The percentages are what each saves of the CPU of a cold start (`node
// bench/tricks.ts --only esbuild`).
module.exports = () => ({
  bundle: true,
  // 5 %: there is less to parse.
  minify: true,
  sourcemap: false,
  // 19 % and 15 %: as ESM, or with a dynamic import in it, Node reads every export of node:http, and so loads undici
  // (nodejs/node#59686).
  format: 'cjs',
  supported: { 'dynamic-import': false },
  platform: 'node',
  // 31 %: in the SDK's CommonJS files esbuild can drop nothing.
  mainFields: ['module', 'main'],
  // The file that a sandbox's process loads: the bundle itself.
  define: { 'import.meta.filename': '__filename' },
  outputFileExtension: '.cjs',
  // The SDK is bundled. The Lambda runtime's own SDK would tie us to its version, and it loads slower than a
  // tree-shaken one.
  exclude: [],
  external: [],
  packager: 'npm',
  // An esbuild context that stays open would keep the command from ending.
  skipRebuild: true,
  plugins: [generatePlugin, otherJobsPlugin, shed],
});

// The demo and the tests run job types that no service should have. SLUICE_JOBS names a file that exports them as
// `jobs`.
const otherJobsPlugin = {
  name: 'other-jobs',
  /** @param {import("esbuild").PluginBuild} build */
  setup(build) {
    const file = process.env.SLUICE_JOBS;
    if (file) build.onResolve({ filter: /^#jobs$/ }, () => ({ path: resolve(__dirname, '..', file) }));
  },
};

// Our own Node (node_modules/.bin/node), because the one that runs the framework may not understand TypeScript.
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
