/**
 * Files of the AWS SDK that do nothing that our functions need, each with its replacement. With the files that only
 * they import, they are a third of a bundle. They also hold the last `import()`s. esbuild keeps everything whole that
 * an `import()` can reach, so without them it can drop other unused code, too. Node parses the whole bundle before its
 * first line runs.
 *
 * It saves 16 % of the CPU of a cold start (`node bench/tricks.ts --only shed`). If only one of these stayed in, the
 * credential providers would cost 15 %, the profile files 4 % and the event streams 5 %.
 */
const SHED = {
  // Lambda puts a function's credentials into its environment. Profiles, SSO, containers and EC2 are not for Lambda.
  '@aws-sdk/credential-provider-node/dist-es/index.js': `
    export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';`,
  // A function has no ~/.aws, and `serverless invoke local` should not see more than Lambda does.
  '@smithy/core/dist-es/submodules/config/shared-ini-file-loader/loadSharedConfigFiles.js': `
    export { CONFIG_PREFIX_SEPARATOR } from './constants';
    export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });`,
  // DynamoDB and SQS have no operation that streams events.
  '@smithy/core/dist-es/submodules/event-streams/index.js': `
    throw new Error('Event streams are not in this bundle: see SHED in build/shed.cjs');`,
};

/** @type {import("esbuild").Plugin} */
module.exports = {
  name: 'shed',
  setup(build) {
    for (const [file, contents] of Object.entries(SHED)) {
      const filter = new RegExp(`${file.replaceAll('.', '\\.').replaceAll('/', '[\\\\/]')}$`);
      build.onLoad({ filter }, () => ({ contents }));
    }
  },
};
