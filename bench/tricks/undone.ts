import type { Plugin } from 'esbuild';
import type { Change } from '../bundle.ts';
import { rewritten } from '../rewritten.ts';

/** What a trick saves: CPU of each record, or CPU of a process's first invocation. */
export type Saves = 'work' | 'start';

/** A trick, and the service without it. */
export interface Trick {
  readonly saves: readonly Saves[];
  readonly without: Change;
}

const clients = (...replacements: [string, string][]): Change => ({
  plugins: [rewritten('src/aws/clients.ts', replacements)],
});
const lean = (...replacements: [string, string][]): Change => ({
  plugins: [rewritten('src/aws/lean-client.ts', replacements)],
});

/** Loads a file that the build replaces, unchanged. It works because the first plugin that answers wins. */
const kept = (...files: RegExp[]): Plugin => ({
  name: 'kept',
  setup(builder) {
    for (const filter of files) {
      builder.onLoad({ filter }, async ({ path }) => {
        const { readFile } = await import('node:fs/promises');
        return { contents: await readFile(path, 'utf8') };
      });
    }
  },
});
const PROVIDER = /credential-provider-node[\\/]dist-es[\\/]index\.js$/;
const PROFILES = /shared-ini-file-loader[\\/]loadSharedConfigFiles\.js$/;
const EVENT_STREAMS = /submodules[\\/]event-streams[\\/]index\.js$/;

/** Every trick, by the place in the code where it is done. */
export const TRICKS: Readonly<Record<string, Trick>> = {
  'lean-client: logger': {
    saves: ['work', 'start'],
    without: lean(["client.middlewareStack.remove('loggerMiddleware');", '']),
  },
  'lean-client: user agent': {
    saves: ['work', 'start'],
    without: lean(["client.middlewareStack.remove('getUserAgentMiddleware');", '']),
  },
  'lean-client: both': {
    saves: ['work', 'start'],
    without: lean(
      ["client.middlewareStack.remove('loggerMiddleware');", ''],
      ["client.middlewareStack.remove('getUserAgentMiddleware');", ''],
    ),
  },
  'statement-protocol': { saves: ['work', 'start'], without: clients([', protocol: StatementProtocol', '']) },
  'marshal: small results are not counted': {
    saves: ['work'],
    without: {
      plugins: [rewritten('src/ledger/dynamodb/marshal.ts', [['if (walk.bytes < most - SMALL_RESULT_BYTES) ', '']])],
    },
  },
  'marshal: not util-dynamodb': {
    saves: ['work', 'start'],
    without: {
      plugins: [
        rewritten('src/ledger/dynamodb/marshal.ts', [
          ['import type { Json }', "import { convertToAttr } from '@aws-sdk/util-dynamodb';\nimport type { Json }"],
          ["if (typeof result === 'number') return { N: numberText(result) };", 'return convertToAttr(result);'],
        ]),
      ],
    },
  },
  'shed: credential providers': { saves: ['start'], without: { plugins: [kept(PROVIDER)] } },
  'shed: profiles': { saves: ['start'], without: { plugins: [kept(PROFILES)] } },
  'shed: event streams': { saves: ['start'], without: { plugins: [kept(EVENT_STREAMS)] } },
  'shed: all three': { saves: ['start'], without: { plugins: [kept(PROVIDER, PROFILES, EVENT_STREAMS)] } },
  'esbuild: minify': { saves: ['start'], without: { settings: { minify: false } } },
  'esbuild: mainFields': { saves: ['start'], without: { settings: { mainFields: ['main', 'module'] } } },
  'esbuild: no dynamic import': { saves: ['start'], without: { settings: { supported: {} } } },
  'esbuild: CommonJS': {
    saves: ['start'],
    without: {
      settings: {
        format: 'esm',
        define: {},
        banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      },
    },
  },
};
