import { writeSync } from 'node:fs';
import Table from 'cli-table3';
import { readSubjects } from './subjects.ts';

const JAVA = 'DynamoDB Local, ElasticMQ';
const DIFFERENCES = `Where MiniStack differs from AWS, and the tests do not show how Sluice behaves on AWS:
  tested      its tables get no time to live; it makes no metrics of logged metric documents
  remedied    it does not find .cjs handlers, which Lambda does (localstack/cjs-handlers.cjs)
  not tested  it does not enforce MaximumConcurrency or permissions, takes any credentials, and takes malformed partial
              batch responses for success`;
const DEPLOYED = 'deploy, update, remove with the real CLI; the demo with its accounting; refusals';

/** Says before Jest's own summary what the suite ran against, what that covered, and what could not be had. */
export default class Reporter {
  /**
   * @param {unknown} _contexts
   * @param {import('@jest/reporters').AggregatedResult} results
   */
  onRunComplete(_contexts, { testResults }) {
    const { ministack, dynamodbLocal, elasticmq, missing } = readSubjects();
    /** @param {string} project */
    const passed = (project) => {
      const files = testResults.filter(({ displayName }) => displayName?.name === project);
      const count = files.reduce((sum, { numPassingTests }) => sum + numPassingTests, 0);
      const failed = files.reduce((sum, { numFailingTests }) => sum + numFailingTests, 0);
      const broken = files.some(({ testExecError }) => testExecError);
      if (broken) return `${count} passed, and a file FAILED`;
      return failed === 0 ? `${count} passed` : `${count} passed, ${failed} FAILED`;
    };
    const rows = [
      ['MiniStack', ministack.version, DEPLOYED, passed('MiniStack, deployed')],
      ['MiniStack', ministack.version, 'contract of the ledger, the worker and its queues', passed('MiniStack')],
      row('DynamoDB Local', dynamodbLocal, 'contract of the ledger and the worker', missing.dynamodbLocal),
      row('ElasticMQ', elasticmq, 'contract of the worker and its queues', missing.elasticmq),
    ];
    /** @param {string} name @param {{version: string} | undefined} subject @param {string} covered @param {string | undefined} why */
    function row(name, subject, covered, why) {
      return subject ? [name, subject.version, covered, passed(JAVA)] : [name, '-', `NOT COVERED: ${why}`, '-'];
    }
    const table = new Table({
      head: ['ran against', 'version', 'covered', 'tests'],
      style: { head: [], border: [] },
      wordWrap: true,
      colWidths: [18, 11, 52, 22],
    });
    table.push(...rows);
    // Not console.log, which the default reporter holds back.
    writeSync(1, `\n${table}\n${DIFFERENCES}\n\n`);
  }
}
