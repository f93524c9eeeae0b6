import type { Cloud } from './cloud.ts';

/** The types that a user looks for, and their names for people. */
const SHOWN: [string, string][] = [
  ['AWS::SQS::Queue', 'Queues'],
  ['AWS::SNS::Topic', 'Topics'],
  ['AWS::S3::Bucket', 'Buckets'],
  ['AWS::DynamoDB::Table', 'Tables'],
];

/** What is running, what is not, and how to call it. */
export function summary(cloud: Cloud): string {
  const { stack, endpoint } = cloud;
  const sections = SHOWN.map(([type, title]) => {
    const found = stack.resources.filter((resource) => resource.type === type);
    return list(
      title,
      found.map(({ ref }) => ref),
    );
  });
  const queueUrl = cloud.mappings[0]?.configuration.queueUrl;
  const mappings = cloud.mappings.map(({ configuration: { queueArn, functionArn, batchSize, windowSeconds } }) => {
    return `${lastPart(queueArn)} -> ${lastPart(functionArn)}, batches of up to ${batchSize}, window ${windowSeconds} s`;
  });
  return [
    ...sections,
    list('Functions', [...cloud.functions.keys()]),
    list('Event source mappings', mappings),
    list(
      'Schedules',
      cloud.schedules.map(({ expression }) => expression),
    ),
    list('Not emulated', cloud.notEmulated),
    `\nThe cloud of stack ${stack.name} is up at ${endpoint}. In another terminal:\n`,
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
    queueUrl && `  aws sqs send-message --queue-url ${queueUrl} --message-body '{"job_id":"some-job-id","value":42}'`,
    '  (AWS CLI before 2.13, such as Debian 12\'s: add --endpoint-url "$AWS_ENDPOINT_URL" --region us-east-1)',
    '\nCtrl-C stops it; nothing is kept.',
  ]
    .filter(Boolean)
    .join('\n');
}

const lastPart = (arn: string) => arn.split(':').at(-1);

const list = (title: string, lines: string[]) =>
  lines.length ? `${title}:\n${lines.map((line) => `  ${line}`).join('\n')}` : '';
