const { existsSync } = require('node:fs');
const { join } = require('node:path');

const FOLDER = join(__dirname, '../src/chains/stores');
/** What package.json's `imports` has for `#store`. */
const DEFAULT = 'dynamodb';
const STORES = ['dynamodb', 'redis', 'postgres'];

/**
 * Puts the store that the parameter `store` names into the bundles, in the place of `#store`. The default is resolved by
 * package.json, and its bundles are built as if there were no other.
 *
 * @param {string} [name]
 * @returns {import("esbuild").Plugin[]}
 * @throws {Error} for a store that there is not
 */
module.exports = function storeOf(name = DEFAULT) {
  if (!STORES.includes(name) || !existsSync(join(FOLDER, `${name}.ts`))) {
    throw new Error(`The parameter store must be one of ${STORES.join(', ')}, not "${name}": see docs/stores.md`);
  }
  if (name === DEFAULT) return [];
  return [
    {
      name: 'store',
      setup(build) {
        build.onResolve({ filter: /^#store$/ }, () => ({ path: join(FOLDER, `${name}.ts`) }));
        // An addition to `pg` in C, which it asks for only where somebody else asks it for `pg.native`.
        build.onResolve({ filter: /^pg-native$/ }, ({ path }) => ({ path, namespace: 'absent' }));
        build.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
          contents: `throw new Error('${path} is not in this bundle: see build/store.cjs');`,
        }));
      },
    },
  ];
};
