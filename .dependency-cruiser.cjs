/** Imports point one way: functions -> (middleware, engine, ledger, queues, jobs) -> errors. */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    {
      name: 'nothing-imports-functions',
      severity: 'error',
      from: {},
      to: { path: '^src/functions/' },
    },
    {
      name: 'engine-knows-no-aws',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: 'node_modules/@aws|^src/(ledger|queues|middleware|jobs)/|^src/(clients|worker)' },
    },
    {
      name: 'jobs-import-their-schema-errors-and-the-job-type',
      severity: 'error',
      from: { path: '^src/jobs/' },
      to: { path: '^src/', pathNot: '^src/((errors|job|classification)\\.ts$|webhooks/)' },
    },
    {
      name: 'aws-sdk-behind-clients-ledger-and-queues',
      comment: 'Types of the SDK may be named anywhere; its code may not.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(clients\\.ts|ledger/|queues/|dead-letters/|cli/)' },
      to: { path: 'node_modules/@aws-sdk/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the-service-knows-no-operators-tool',
      comment: 'What a function bundles must not grow with the command line.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|dead-letters)/' },
      to: { path: '^src/(cli|dead-letters)/' },
    },
    {
      name: 'the-service-knows-no-tools',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(localstack|demo|test|infra|build|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
