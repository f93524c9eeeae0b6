import { alarms } from './alarms.js';
import { logicalId, retryNameOf } from './names.js';
import { readService } from './service.js';
import { rowsOfFunction, rowsOfGroups, rowsOfJobs, rowsOfQueue, rowsOfTable, rowsOfTopic } from './widgets.js';

/** A dashboard is 24 columns wide. A row has up to three widgets. */
const [COLUMNS, HEIGHT, ALARMS_HEIGHT] = [24, 6, 3];

/**
 * Called by the framework for `${file(infra/dashboard.js):template}`.
 *
 * @param {import('./service.js').Framework} framework
 */
export async function template(framework) {
  return dashboardTemplate(await readService(framework));
}

/**
 * One dashboard, `sluice-<stage>`: alarms, jobs, then every topic, queue, function and table that is declared.
 *
 * @param {Omit<import('./service.js').Service, 'queues'> & { queues: Record<string, { fifo?: boolean, retryQueue?: object }> }} service
 *   the queues by short name
 */
export function dashboardTemplate(service) {
  const { prefix, stage, topics, queues, functions, tables } = service;
  const rows = [
    rowsOfJobs(service.service, stage),
    rowsOfGroups(service.service, stage),
    ...topics.map((name) => rowsOfTopic(name, logicalId(name))),
    ...Object.entries(queues).flatMap(([name, { retryQueue }]) => [
      rowsOfQueue(name, logicalId(name), `${logicalId(name)}DeadLetterQueue`),
      ...(retryQueue ? [rowsOfQueue(retryNameOf(name), logicalId(retryNameOf(name)))] : []),
    ]),
    ...Object.keys(functions).map((name) => rowsOfFunction(name, logicalId(name))),
    ...Object.keys(tables).map((name) => rowsOfTable(name, logicalId(name))),
  ];
  const widgets = [alarmStatus(Object.keys(alarms(service))), ...rows.flatMap(placed)];
  return {
    Resources: {
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        // A dashboard's body is text, so names and ARNs are written as ${JobsQueue.QueueName} in it.
        Properties: { DashboardName: prefix, DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets }) } },
      },
    },
    Outputs: {
      DashboardUrl: {
        Value: {
          'Fn::Sub': `https://\${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=\${AWS::Region}#dashboards/dashboard/\${Dashboard}`,
        },
      },
    },
  };
}

/** @param {string[]} ids logical ids of alarms */
function alarmStatus(ids) {
  const properties = { title: 'Alarms', alarms: ids.map((id) => `\${${id}.Arn}`) };
  return { type: 'alarm', x: 0, y: 0, width: COLUMNS, height: ALARMS_HEIGHT, properties };
}

/** @param {object[]} row @param {number} index */
function placed(row, index) {
  const width = COLUMNS / row.length;
  const y = ALARMS_HEIGHT + index * HEIGHT;
  return row.map((properties, column) => ({ type: 'metric', x: column * width, y, width, height: HEIGHT, properties }));
}
