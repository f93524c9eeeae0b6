import { existsSync } from 'node:fs';
import base from '../../jest.config.js';
import { readSubjects } from './subjects.ts';

const { ministack, dynamodbLocal, elasticmq } = readSubjects();
const { globalSetup, maxWorkers, testTimeout, testPathIgnorePatterns, ...shared } = base;

/** What the ledger, the worker and its queues rely on: the tests that `npm test` runs against the embedded cloud. */
const CONTRACT = [
  'ledger/dynamodb/contract',
  'ledger/dynamodb/ledger',
  'chains/batch',
  'chains/delayed-retry',
  'chains/hand-over',
  'faults/outage',
];
const CONTRACT_FILES = CONTRACT.map((name) => `<rootDir>/test/${name}.test.ts`);
const missing = CONTRACT.filter((name) => !existsSync(new URL(`../${name}.test.ts`, import.meta.url)));
if (missing.length > 0)
  throw new Error(`test/cloud/jest.config.js names tests that are not there: ${missing.join(', ')}`);

/**
 * @param {string} displayName
 * @param {{ sqs: string, dynamodb: string }} sluiceEndpoints
 * @param {boolean} sluiceKeepsTraces whether its SQS keeps AWSTraceHeader; MiniStack drops it
 */
function contract(displayName, sluiceEndpoints, sluiceKeepsTraces) {
  const globals = { sluiceEndpoints, sluiceKeepsTraces };
  return { ...shared, rootDir, displayName, testMatch: CONTRACT_FILES, globals };
}

const rootDir = new URL('../..', import.meta.url).pathname;
const { endpoint } = ministack;
const others = contract(
  'DynamoDB Local, ElasticMQ',
  { dynamodb: dynamodbLocal?.endpoint ?? endpoint, sqs: elasticmq?.endpoint ?? endpoint },
  elasticmq !== undefined,
);

/** @type {import('jest').Config} */
export default {
  rootDir,
  maxWorkers: 2,
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/test/cloud/reporter.js'],
  projects: [
    { ...shared, rootDir, displayName: 'MiniStack, deployed', testMatch: ['<rootDir>/test/cloud/*.test.ts'] },
    contract('MiniStack', { dynamodb: endpoint, sqs: endpoint }, false),
    ...(dynamodbLocal || elasticmq ? [others] : []),
  ],
};
