const { readFileSync } = require('node:fs');
const { basename, join } = require('node:path');

/**
 * Puts what reads payloads from S3 in the place of `#payloads`, in the bundles of those functions whose queue has
 * `largePayloads: true`. In all others package.json's `imports` resolves it, to nothing at all.
 *
 * @param {Custom} [custom] of serverless.yml
 * @returns {import("esbuild").Plugin[]}
 */
module.exports = function payloadsOf(custom = {}) {
  const entries = new Set(queuesWithPayloads(custom).map((name) => `${name}.ts`));
  return entries.size === 0 ? [] : [{ name: 'payloads', setup: (build) => setup(build, entries) }];
};

/**
 * @typedef {Record<string, { largePayloads?: unknown } | null> | null | undefined} Queues
 * @typedef {{ queues?: Queues, patterns?: ({ queues?: Queues } | null)[] }} Custom
 */

/** @param {Custom} custom @returns {string[]} */
function queuesWithPayloads({ queues, patterns }) {
  // What is wrong with a declaration, infra/ says.
  const parts = [queues, ...(Array.isArray(patterns) ? patterns.map((each) => each?.queues) : [])];
  const all = parts.flatMap((part) => Object.entries(part ?? {}));
  return all.filter(([, queue]) => String(queue?.largePayloads) === 'true').map(([name]) => name);
}

/** @param {import("esbuild").PluginBuild} build @param {ReadonlySet<string>} entries file names in src/functions */
function setup(build, entries) {
  // The framework makes a build for each function. The object form has other keys, and is not used.
  const { entryPoints } = build.initialOptions;
  const [entry] = Array.isArray(entryPoints) ? entryPoints : [];
  if (typeof entry !== 'string' || !entries.has(basename(entry))) return;
  build.onResolve({ filter: /^#payloads$/ }, () => ({ path: join(__dirname, '../src/chains/payloads/s3.ts') }));
  build.onLoad({ filter: /[\\/]client-s3[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ }, ({ path }) => ({
    contents: droppable(readFileSync(path, 'utf8')),
  }));
  // Only SelectObjectContent has a stream of events. build/shed.cjs would have this file throw.
  build.onLoad({ filter: /[\\/]submodules[\\/]event-streams[\\/]index\.js$/ }, () => ({
    contents: `
      export const eventStreamSerdeProvider = () => ({});
      export const resolveEventStreamSerdeConfig = (config) => config;`,
  }));
}

/**
 * The schemas of S3's operations, of which we use one. esbuild keeps all of them, because a key in brackets could have an
 * effect; of those that a call marked as pure returns it keeps what is used. That takes 58 of 500 KB off a bundle.
 *
 * @param {string} source
 */
function droppable(source) {
  return source.replaceAll(/^((?:export )?var \w+\$ = )(\[[^;]*\]);$/gm, '$1/* @__PURE__ */ (() => $2)();');
}
