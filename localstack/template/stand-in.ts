import { type Declaration, generatedName } from './creation.ts';
import type { Created } from './intrinsics.ts';

/** Types that are accepted and do nothing, and why. Other types are unknown. */
const REASONS: Record<string, string> = {
  'AWS::CloudWatch::Alarm': 'there are no metrics to watch',
  'AWS::CloudWatch::Dashboard': 'there are no metrics to show',
  'AWS::IAM::ManagedPolicy': 'permissions are not checked',
  'AWS::KMS::Key': 'nothing is encrypted at rest',
  'AWS::Lambda::Permission': 'permissions are not checked',
  'AWS::SQS::QueuePolicy': 'policies are not enforced',
  'AWS::SNS::TopicPolicy': 'policies are not enforced',
  'AWS::S3::BucketPolicy': 'policies are not enforced',
  'AWS::Logs::LogGroup': 'logs go to the console',
  'AWS::Lambda::Version': 'there is one version, $LATEST',
  'AWS::Lambda::Alias': 'there is one version, $LATEST',
  'AWS::Lambda::EventInvokeConfig': 'asynchronous invocations have the default retries and no destinations',
};

/** Stands in for a resource that is accepted and does nothing, so that references to it resolve. */
export function standIn(
  { id, type, properties }: Declaration,
  stack: { region: string; accountId: string; stackName: string },
) {
  const { region, accountId, stackName } = stack;
  const nameProperty = ['LogGroupName', 'AlarmName', 'DashboardName', 'Name', 'FunctionName'].find(
    (key) => key in properties,
  );
  const name = String(nameProperty ? properties[nameProperty] : generatedName(stackName, id));
  const service = type.split('::')[1]?.toLowerCase() ?? 'unknown';
  const arns: Record<string, string> = {
    'AWS::KMS::Key': `arn:aws:kms:${region}:${accountId}:key/${name}`,
    'AWS::Logs::LogGroup': `arn:aws:logs:${region}:${accountId}:log-group:${name}:*`,
    'AWS::Lambda::Version': `arn:aws:lambda:${region}:${accountId}:function:${name}:1`,
  };
  const Arn = arns[type] ?? `arn:aws:${service}:${region}:${accountId}:${name}`;
  const ref = type === 'AWS::Lambda::Version' ? Arn : name;
  const created: Created = { ref, attributes: { Arn, Version: '1' } };
  return { created, reason: REASONS[type] ?? 'this type is not emulated' };
}
