import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand, GetDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListEventSourceMappingsCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { readSubjects } from './subjects.ts';

const { endpoint } = readSubjects().ministack;

/** What a user has exported who works on the cloud under test. */
export const ENVIRONMENT = {
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};

/** The account that `ENVIRONMENT` deploys to, through the real SDK. */
export function openAccount() {
  const credentials = { accessKeyId: ENVIRONMENT.AWS_ACCESS_KEY_ID, secretAccessKey: 'test' };
  const location = { endpoint, region: ENVIRONMENT.AWS_REGION, credentials };
  return {
    alarms: new CloudWatchClient(location),
    dynamodb: new DynamoDBClient(location),
    functions: new LambdaClient(location),
    logs: new CloudWatchLogsClient(location),
    roles: new IAMClient(location),
    s3: new S3Client({ ...location, forcePathStyle: true }),
    sqs: new SQSClient(location),
    stacks: new CloudFormationClient(location),
    topics: new SNSClient(location),
  };
}

export type Account = ReturnType<typeof openAccount>;

/** Every resource of a stage that the account still has, by kind and name. */
export async function resourcesOf(stage: string, account: Account): Promise<string[]> {
  const { alarms, dynamodb, functions, logs, roles, s3, sqs, stacks, topics } = account;
  const [listed, queues, tables, lambdas, mappings, groups, alarmed, dashboards, published, buckets, permitted] =
    await Promise.all([
      stacks.send(new ListStacksCommand({})),
      sqs.send(new ListQueuesCommand({})),
      dynamodb.send(new ListTablesCommand({})),
      functions.send(new ListFunctionsCommand({})),
      functions.send(new ListEventSourceMappingsCommand({})),
      logs.send(new DescribeLogGroupsCommand({})),
      alarms.send(new DescribeAlarmsCommand({})),
      dashboardOf(stage, alarms),
      topics.send(new ListTopicsCommand({})),
      s3.send(new ListBucketsCommand({})),
      roles.send(new ListRolesCommand({})),
    ]);
  const standing = listed.StackSummaries?.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
  const names = {
    stack: standing?.map(({ StackName }) => StackName),
    queue: queues.QueueUrls,
    table: tables.TableNames,
    function: lambdas.Functions?.map(({ FunctionName }) => FunctionName),
    mapping: mappings.EventSourceMappings?.map(({ FunctionArn }) => FunctionArn),
    'log group': groups.logGroups?.map(({ logGroupName }) => logGroupName),
    alarm: alarmed.MetricAlarms?.map(({ AlarmName }) => AlarmName),
    dashboard: dashboards,
    topic: published.Topics?.map(({ TopicArn }) => TopicArn),
    bucket: buckets.Buckets?.map(({ Name }) => Name),
    role: permitted.Roles?.map(({ RoleName }) => RoleName),
  };
  const ofStage = new RegExp(`(sluice|job-results-outbox-v1)-${stage}(?![a-z0-9])`);
  return Object.entries(names).flatMap(([kind, all = []]) =>
    all.filter((name) => name && ofStage.test(name)).map((name) => `${kind} ${name}`),
  );
}

/** By name, since the SDK cannot read the dates in MiniStack's list of dashboards. */
async function dashboardOf(stage: string, alarms: CloudWatchClient): Promise<string[]> {
  const DashboardName = `sluice-${stage}`;
  try {
    await alarms.send(new GetDashboardCommand({ DashboardName }));
    return [DashboardName];
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFound' || (error as Error).name === 'DashboardNotFoundError') return [];
    throw error;
  }
}
