/**
 * Who may import whom. A room is a folder (or a file of its own) directly under a house; what is not named here is
 * forbidden. `test/` and `bench/` stand outside: they may look at everything.
 *
 * @type {Record<string, string[]>}
 */
const MAY_IMPORT = {
  'src/failures': [],
  'src/engine': ['src/failures'],
  'src/aws': ['src/failures'],
  'src/env.ts': [],
  'src/job.ts': ['src/failures', 'src/engine', 'src/env.ts'],
  'src/telemetry': ['src/failures', 'src/engine', 'src/env.ts'],
  'src/ledger': ['src/failures', 'src/aws', 'src/job.ts'],
  'src/queues': ['src/failures', 'src/aws', 'src/engine', 'src/job.ts', 'src/ledger', 'src/telemetry'],
  'src/sandbox': ['src/failures', 'src/job.ts', 'src/queues'],
  'src/middleware': [
    'src/failures',
    'src/engine',
    'src/job.ts',
    'src/ledger',
    'src/queues',
    'src/sandbox',
    'src/telemetry',
  ],
  'src/chains': [
    'src/failures',
    'src/engine',
    'src/aws',
    'src/env.ts',
    'src/job.ts',
    'src/ledger',
    'src/middleware',
    'src/queues',
    'src/sandbox',
    'src/telemetry',
  ],
  'src/jobs': ['src/env.ts', 'src/failures', 'src/job.ts'],
  'src/functions': ['src/chains', 'src/jobs', 'src/queues'],
  'operator/ending': [],
  'operator/output': ['operator/ending'],
  'operator/stage': ['operator/ending', 'operator/output', 'src/aws', 'src/failures', 'src/ledger', 'src/queues'],
  'operator/command.ts': ['operator/ending', 'operator/output', 'operator/stage'],
  'operator/dead-letters/reading': [
    'operator/output',
    'operator/stage',
    'src/aws',
    'src/job.ts',
    'src/ledger',
    'src/queues',
  ],
  'operator/dead-letters/diagnosis': [
    'operator/dead-letters/reading',
    'operator/output',
    'src/failures',
    'src/ledger',
    'src/queues',
  ],
  'operator/dead-letters/selecting': [
    'operator/command.ts',
    'operator/dead-letters/diagnosis',
    'operator/dead-letters/reading',
    'operator/ending',
    'operator/output',
    'operator/stage',
    'src/job.ts',
    'src/ledger',
  ],
  'operator/dead-letters/redriving': [
    'operator/dead-letters/diagnosis',
    'operator/dead-letters/reading',
    'operator/dead-letters/selecting',
    'operator/output',
    'operator/stage',
    'src/aws',
    'src/failures',
    'src/job.ts',
    'src/ledger',
    'src/queues',
  ],
  'operator/dead-letters/files': ['operator/dead-letters/reading', 'operator/output', 'src/aws', 'src/queues'],
  'operator/dead-letters/showing': [
    'operator/dead-letters/diagnosis',
    'operator/dead-letters/reading',
    'operator/output',
    'src/queues',
  ],
  'operator/commands': [
    'operator/command.ts',
    'operator/dead-letters',
    'operator/ending',
    'operator/output',
    'operator/stage',
    'src/aws',
    'src/failures',
    'src/job.ts',
    'src/ledger',
    'src/queues',
  ],
  'operator/program.ts': ['operator/command.ts', 'operator/commands', 'operator/ending', 'operator/stage'],
  'operator/main.ts': ['operator/ending', 'operator/output', 'operator/program.ts', 'operator/stage'],
  'operator/sluice.js': ['operator/main.ts'],
  infra: [],
  build: ['infra', 'localstack/template', 'src/engine', 'src/job.ts', 'src/jobs', 'src/queues'],
  'localstack/gateway': [],
  'localstack/template': [],
  'localstack/functions': [],
  'localstack/schedules': [],
  'localstack/fauxqs': ['localstack/gateway'],
  'localstack/sqs': ['src/aws', 'localstack/fauxqs', 'localstack/gateway'],
  'localstack/sns': ['localstack/fauxqs', 'localstack/gateway', 'localstack/mapping/filter-rule.ts', 'localstack/sqs'],
  'localstack/dynamodb': ['localstack/gateway'],
  'localstack/permissions': ['localstack/dynamodb', 'localstack/gateway'],
  'localstack/mapping': ['localstack/functions'],
  'localstack/lambda': [
    'localstack/functions',
    'localstack/gateway',
    'localstack/mapping',
    'localstack/permissions',
    'localstack/sqs',
  ],
  'localstack/resources': [
    'localstack/dynamodb',
    'localstack/fauxqs',
    'localstack/functions',
    'localstack/lambda',
    'localstack/permissions',
    'localstack/schedules',
    'localstack/sns',
    'localstack/sqs',
    'localstack/template',
  ],
  'localstack/cloudformation.ts': ['localstack/gateway', 'localstack/template'],
  // One port, and everything behind it.
  'localstack/cloud.ts': ['localstack'],
  'localstack/summary.ts': ['localstack/cloud.ts'],
  'localstack/start.ts': ['localstack/cloud.ts', 'localstack/gateway', 'localstack/summary.ts', 'localstack/template'],
  demo: [
    'localstack/cloud.ts',
    'localstack/functions',
    'operator/dead-letters/reading',
    'operator/output',
    'operator/stage',
    'src/job.ts',
    'src/jobs',
  ],
};

/** The AWS SDK's code is known here; its types may be named anywhere. */
const KNOW_THE_SDK = 'src/(aws|ledger/dynamodb|queues)/';

/** A folder each. */
const STORES = '^src/ledger/(dynamodb|redis|postgres)/';

/** @param {string} room */
const pattern = (room) => `^${room.replaceAll('.', '\\.')}${/\.[jt]s$/.test(room) ? '$' : '/'}`;

const rooms = Object.entries(MAY_IMPORT).map(([room, others]) => ({
  name: `${room.replaceAll('/', '-')}-imports-what-it-may`,
  severity: 'error',
  from: { path: pattern(room) },
  to: {
    path: '^(src|operator|infra|build|localstack|demo|bench|test)/',
    pathNot: [room, ...others].map(pattern),
  },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...rooms,
    {
      name: 'every-file-stands-in-a-room',
      severity: 'error',
      from: {},
      to: { path: '^(src|operator|localstack)/', pathNot: Object.keys(MAY_IMPORT).map(pattern) },
    },
    {
      name: 'a-command-knows-no-other',
      severity: 'error',
      from: { path: '^operator/commands/([^/]+)/' },
      to: { path: '^operator/commands/', pathNot: '^operator/commands/$1/' },
    },
    {
      name: 'a-job-type-knows-no-other',
      comment: 'What is too much for one file stands in the folder of its name. Any type may deliver as webhooks do.',
      severity: 'error',
      from: { path: '^src/jobs/([^/.]+)' },
      to: { path: '^src/jobs/', pathNot: '^src/jobs/($1[/.]|webhook/deliver\\.ts$)' },
    },
    {
      name: 'the-sdk-stays-behind-its-doors',
      severity: 'error',
      from: { path: '^src/', pathNot: `^${KNOW_THE_SDK}` },
      to: { path: 'node_modules/@aws-sdk/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'a-store-is-known-where-it-is-chosen',
      comment: 'Everybody else knows the interface: src/ledger/store.ts.',
      severity: 'error',
      from: {
        path: '^(src|operator|demo|localstack|build)/',
        pathNot: '^(src/ledger/(dynamodb|redis|postgres)/|src/chains/stores/|operator/stage/ledger\\.ts$)',
      },
      to: { path: STORES },
    },
    {
      name: 'a-store-knows-no-other',
      severity: 'error',
      from: { path: '^src/ledger/(dynamodb|redis|postgres)/' },
      to: { path: STORES, pathNot: '^src/ledger/$1/' },
    },
    {
      name: 'a-server-is-spoken-to-by-its-store',
      severity: 'error',
      from: {
        path: '^(src|operator|infra|build|localstack|demo)/',
        pathNot: '^src/ledger/(redis|postgres)/connection\\.ts$',
      },
      to: { path: 'node_modules/(ioredis|pg)/' },
    },
    {
      name: 'private-files-of-packages-are-taken-in-one-place',
      severity: 'error',
      from: { pathNot: '^localstack/fauxqs/internals\\.ts$' },
      to: { path: 'node_modules/(fauxqs/dist/(?!app\\.js)|dynalite/)' },
    },
    {
      name: 'engine-knows-no-aws',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: 'node_modules/@aws|node_modules/@types/aws-lambda' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
