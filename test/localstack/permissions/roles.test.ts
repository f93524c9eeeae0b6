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

const credential = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=function.worker/20260101/us-east-1/${service}/aws4_request`,
});

test('a call whose permission is not known here passes, and is noted as used', async () => {
  await using made = await world({ Policies: [] });
  await fetch(made.cloud.endpoint, {
    method: 'POST',
    headers: { ...credential('states'), 'x-amz-target': 'AWSStepFunctions.StartExecution' },
  });
  expect(made.cloud.permissions.used('worker')).toEqual([
    { action: 'states:POST', resource: 'AWSStepFunctions.StartExecution' },
  ]);
});

test('S3 denies what the role does not allow, notes every object as one, and hides missing objects from who may not list', async () => {
  const Statement = {
    Effect: 'Allow',
    Action: ['s3:PutObject', 's3:GetObject'],
    Resource: 'arn:aws:s3:::reports/mine/*',
  };
  await using made = await world(
    { Policies: [{ PolicyDocument: { Statement } }] },
    { Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'reports' } } },
  );
  const ask = async (method: string, path: string) => {
    const body = method === 'PUT' ? '{}' : null;
    const answer = await fetch(`${made.cloud.endpoint}/reports/${path}`, { method, body, headers: credential('s3') });
    return `${answer.status} ${/<Code>(\w+)/.exec(await answer.text())?.[1] ?? ''}`;
  };
  expect(await ask('PUT', 'mine/one')).toBe('200 ');
  expect(await ask('GET', 'mine/one')).toBe('200 ');
  expect(await ask('PUT', 'other')).toBe('403 AccessDenied');
  expect(await ask('DELETE', 'mine/one')).toBe('403 AccessDenied');
  expect(await ask('GET', '')).toBe('403 AccessDenied');
  expect(await ask('GET', 'mine/two')).toBe('403 AccessDenied');
  made.cloud.permissions.addToRole('arn:aws:iam::000000000000:role/worker', [
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::reports' },
  ]);
  expect(await ask('GET', 'mine/two')).toBe('404 NoSuchKey');
  expect(made.cloud.permissions.used('worker').map(({ action, resource }) => `${action} ${resource}`)).toEqual([
    's3:PutObject arn:aws:s3:::reports/*',
    's3:GetObject arn:aws:s3:::reports/*',
    's3:DeleteObject arn:aws:s3:::reports/*',
    's3:ListBucket arn:aws:s3:::reports',
  ]);
});

test('clients that are no function may do anything, and are not recorded', async () => {
  await using made = await world({ Policies: [] });
  await made.sqs.send(new SendMessageCommand({ QueueUrl: made.queueUrl('jobs'), MessageBody: 'x' }));
  expect(made.cloud.permissions.used('worker')).toEqual([]);
});
