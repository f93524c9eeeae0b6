import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { cloudWith, functionResource, queueResource } from '../cloud-under-test.ts';

const MANAGED = 'arn:aws:iam::aws:policy/AWSLambda_FullAccess';
const role = (properties: object) => ({ Type: 'AWS::IAM::Role', Properties: { RoleName: 'worker', ...properties } });
const policy = (Action: string[]) => ({ PolicyDocument: { Statement: { Effect: 'Allow', Action, Resource: '*' } } });
const POLLING = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

const world = (properties: object, resources: object = {}) =>
  cloudWith({
    Queue: queueResource('jobs'),
    Role: role(properties),
    Worker: functionResource('worker', { Role: { 'Fn::GetAtt': ['Role', 'Arn'] } }),
    ...resources,
  });

const mapping = {
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: { EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] }, FunctionName: { Ref: 'Worker' } },
};

test('a mapping whose function’s role does not allow polling is refused, as Lambda refuses it', async () => {
  const [missing, ...others] = POLLING;
  await expect(world({ Policies: [policy(others)] }, { Mapping: mapping })).rejects.toThrow(
    `The provided execution role does not have permissions to call ${missing?.slice(4)} on SQS`,
  );
});

test('a role may also get its statements from a policy beside it', async () => {
  const attached = { Type: 'AWS::IAM::Policy', Properties: { ...policy(POLLING), Roles: [{ Ref: 'Role' }] } };
  await using made = await world({}, { Attached: attached, Mapping: { ...mapping, DependsOn: 'Attached' } });
  expect(made.cloud.permissions.granted('worker').map(({ action }) => action)).toEqual(POLLING);
});

test('a role with managed policies is not restricted, and the start says so', async () => {
  await using made = await world({ ManagedPolicyArns: [MANAGED] }, { Mapping: mapping });
  expect(made.cloud.notEmulated).toEqual([
    'AWS::IAM::Role Role: it has managed policies, whose content is not known: nothing is denied to it',
  ]);
});

test('a call whose permission is not known here passes, and is noted as used', async () => {
  await using made = await world(
    { Policies: [] },
    { Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'reports' } } },
  );
  const credential = (service: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=function.worker/20260101/us-east-1/${service}/aws4_request`,
  });
  const put = { method: 'PUT', body: '{}', headers: credential('s3') };
  expect((await fetch(`${made.cloud.endpoint}/reports/one`, put)).status).toBe(200);
  await fetch(made.cloud.endpoint, {
    method: 'POST',
    headers: { ...credential('states'), 'x-amz-target': 'AWSStepFunctions.StartExecution' },
  });
  expect(made.cloud.permissions.used('worker')).toEqual([
    { action: 's3:PUT', resource: '/reports/one' },
    { action: 'states:POST', resource: 'AWSStepFunctions.StartExecution' },
  ]);
});

test('clients that are no function may do anything, and are not recorded', async () => {
  await using made = await world({ Policies: [] });
  await made.sqs.send(new SendMessageCommand({ QueueUrl: made.queueUrl('jobs'), MessageBody: 'x' }));
  expect(made.cloud.permissions.used('worker')).toEqual([]);
});
