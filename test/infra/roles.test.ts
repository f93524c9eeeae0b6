import { permissionsOf } from '../../infra/permissions.js';
import { rolesTemplate } from '../../infra/roles.js';

const queue = { 'Fn::GetAtt': ['OrdersQueue', 'Arn'] };
const functions = { orders: { events: [{ sqs: { arn: queue } }, { schedule: 'rate(1 day)' }] }, 'clean-up': {} };
const statementsOf = (role: ReturnType<typeof rolesTemplate>['Resources'][string]) =>
  role.Properties.Policies[0].PolicyDocument.Statement;

test('each function gets a role with its own log group, its own queues, and its own permissions', () => {
  const mine = { Action: 's3:PutObject', Resource: 'arn:aws:s3:::mine/*' };
  const { Resources } = rolesTemplate(functions, { 'clean-up': [mine] });
  expect(Object.keys(Resources)).toEqual(['OrdersRole', 'CleanDashupRole']);
  expect(statementsOf(Resources.OrdersRole)).toEqual([
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: { 'Fn::GetAtt': ['OrdersLogGroup', 'Arn'] },
    },
    { Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
    {
      Effect: 'Allow',
      Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      Resource: [queue],
    },
  ]);
  expect(statementsOf(Resources.CleanDashupRole)).toEqual([
    expect.objectContaining({ Resource: { 'Fn::GetAtt': ['CleanDashupLogGroup', 'Arn'] } }),
    expect.objectContaining({ Resource: '*' }),
    { Effect: 'Allow', ...mine },
  ]);
});

test('permissions of a function that does not exist are refused by name', () => {
  expect(() => rolesTemplate(functions, { order: [] })).toThrow(
    'custom.permissions.order: there is no function of this name',
  );
});

test('a queue’s function may send to its own two queues, put messages off and use the table, and what its entry says', () => {
  const mine = { Action: 's3:PutObject', Resource: 'arn:aws:s3:::mine/*' };
  const others = { 'clean-up': [{ Action: 's3:ListBucket', Resource: '*' }] };
  const dead = { 'Fn::GetAtt': ['OrdersDeadLetterQueue', 'Arn'] };
  expect(permissionsOf({ orders: { permissions: [mine] } }, others)).toEqual({
    ...others,
    orders: [
      { Action: 'sqs:SendMessage', Resource: [queue, dead] },
      { Action: 'sqs:ChangeMessageVisibility', Resource: queue },
      {
        Action: ['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate', 'dynamodb:BatchGetItem'],
        Resource: { 'Fn::GetAtt': ['ResultsTable', 'Arn'] },
      },
      mine,
    ],
  });
});

test('permissions of a queue’s function stand in its entry, and nowhere else', () => {
  expect(() => permissionsOf({ orders: {} }, { orders: [] })).toThrow(
    'custom.permissions.orders: this function has a queue. Say what else it calls in custom.queues.orders.permissions',
  );
});

test('functions of a service in a VPC may make their network interfaces, and of no other', () => {
  const inVpc = rolesTemplate(functions, {}, { isInVpc: true }).Resources;
  for (const role of Object.values(inVpc)) {
    expect(JSON.stringify(statementsOf(role))).toContain('ec2:CreateNetworkInterface');
  }
  expect(JSON.stringify(rolesTemplate(functions, {}).Resources)).not.toContain('ec2:');
});

test('a queue’s function whose records are in a server of its own has no permission on the table', () => {
  const actions = permissionsOf({ orders: {} }, {}, 'redis').orders?.flatMap(({ Action }) => Action);
  expect(actions).toEqual(['sqs:SendMessage', 'sqs:ChangeMessageVisibility']);
});
