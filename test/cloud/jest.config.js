import base from '../../jest.config.js';
import { readSubjects } from './subjects.ts';

const { ministack, dynamodbLocal, elasticmq } = readSubjects();
const { globalSetup, maxWorkers, testTimeout, testPathIgnorePatterns, ...shared } = base;

/** What the ledger, the worker and its queues rely on: the tests that `npm test` runs against the embedded cloud. */
const CONTRACT = ['ledger/ledger', 'worker', 'faults/outage'].map((name) => `<rootDir>/test/${name}.test.ts`);

/** @param {string} displayName @param {{ sqs: string, dynamodb: string }} sluiceEndpoints */
function contract(displayName, sluiceEndpoints) {
  return { ...shared, rootDir, displayName, testMatch: CONTRACT, globals: { sluiceEndpoints } };
}

const rootDir = new URL('../..', import.meta.url).pathname;
const { endpoint } = ministack;
const others = contract('DynamoDB Local, ElasticMQ', {
  dynamodb: dynamodbLocal?.endpoint ?? endpoint,
  sqs: elasticmq?.endpoint ?? endpoint,
});

/** @type {import('jest').Config} */
export default {
  rootDir,
  maxWorkers: 2,
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/test/cloud/reporter.js'],
  projects: [
    { ...shared, rootDir, displayName: 'MiniStack, deployed', testMatch: ['<rootDir>/test/cloud/*.test.ts'] },
    contract('MiniStack', { dynamodb: endpoint, sqs: endpoint }),
    ...(dynamodbLocal || elasticmq ? [others] : []),
  ],
};
