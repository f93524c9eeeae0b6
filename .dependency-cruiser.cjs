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
  'src/jobs': ['src/failures', 'src/job.ts'],
  'src/functions': ['src/aws', 'src/chains', 'src/env.ts', 'src/middleware', 'src/sandbox', 'src/telemetry'],
  operator: ['src/failures', 'src/aws', 'src/job.ts', 'src/ledger', 'src/queues'],
  infra: [],
  build: ['infra', 'localstack/template', 'src/engine', 'src/job.ts', 'src/jobs', 'src/queues'],
  'localstack/gateway': [],
  'localstack/template': [],
  'localstack/functions': [],
  'localstack/schedules': [],
  'localstack/fauxqs': ['localstack/gateway'],
  'localstack/sqs': ['src/aws', 'localstack/fauxqs', 'localstack/gateway'],
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
    'localstack/sqs',
    'localstack/template',
  ],
  'localstack/cloudformation.ts': ['localstack/gateway', 'localstack/template'],
  // One port, and everything behind it.
  'localstack/cloud.ts': ['localstack'],
  'localstack/summary.ts': ['localstack/cloud.ts'],
  'localstack/start.ts': ['localstack/cloud.ts', 'localstack/gateway', 'localstack/summary.ts', 'localstack/template'],
  demo: ['localstack/cloud.ts', 'localstack/functions', 'operator', 'src/job.ts', 'src/jobs'],
};

/** The AWS SDK's code is known here; its types may be named anywhere. */
const KNOW_THE_SDK = 'src/(aws|ledger|queues)/';

/** @param {string} room */
const pattern = (room) => `^${room.replaceAll('.', '\\.')}${room.endsWith('.ts') ? '$' : '/'}`;

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
      to: { path: '^(src|localstack)/', pathNot: Object.keys(MAY_IMPORT).map(pattern) },
    },
    {
      name: 'a-job-type-knows-no-other',
      comment: 'What is too much for one file stands in the folder of its name.',
      severity: 'error',
      from: { path: '^src/jobs/([^/.]+)' },
      to: { path: '^src/jobs/', pathNot: '^src/jobs/$1[/.]' },
    },
    {
      name: 'the-sdk-stays-behind-its-doors',
      severity: 'error',
      from: { path: '^src/', pathNot: `^${KNOW_THE_SDK}` },
      to: { path: 'node_modules/@aws-sdk/', dependencyTypesNot: ['type-only'] },
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
