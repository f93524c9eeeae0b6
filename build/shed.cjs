const { dirname } = require('node:path');

/**
 * Modules of the AWS SDK that its clients import and no function of ours needs, each with what takes its place. They are
 * a fifth of a bundle, and the last to need `import()`: whatever an `import()` can reach esbuild keeps whole, so without
 * them it drops what is unused of the rest too. Node parses all of a bundle before its first line runs.
 *
 * @type {Record<string, string>}
 */
const SHED = {
  // Lambda puts a function's credentials into its environment; profiles, SSO, containers and EC2 are for other places.
  '@aws-sdk/credential-provider-node': `export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';`,
  // Neither DynamoDB nor SQS has an operation that streams events.
  '@smithy/core/event-streams': `throw new Error('Event streams are not in this bundle: see SHED in build/shed.cjs');`,
};

/** @type {import("esbuild").Plugin} */
module.exports = {
  name: 'shed',
  setup(build) {
    const filter = new RegExp(`^(${Object.keys(SHED).join('|')})$`);
    build.onResolve({ filter }, ({ path }) => ({ path, namespace: 'shed' }));
    build.onLoad({ filter: /.*/, namespace: 'shed' }, ({ path }) => ({
      contents: SHED[path] ?? '',
      resolveDir: dirname(require.resolve(path)),
    }));
  },
};
