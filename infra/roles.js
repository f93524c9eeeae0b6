import { DeclarationError } from './declaration-error.js';
import { arnOf, logicalId } from './names.js';
import { readService } from './service.js';

/**
 * What is read of an entry of `functions`.
 *
 * @typedef {object} FunctionDeclaration
 * @property {{ sqs?: { arn: unknown } }[]} [events]
 */

/**
 * Called by the framework for `${file(infra/roles.js):template}`.
 *
 * @param {import('./service.js').Framework} framework
 */
export async function template(framework) {
  const { functions, permissions, isInVpc } = await readService(framework);
  return rolesTemplate(functions, permissions, { isInVpc });
}

/**
 * A role for each function, `<Function>Role`: what Lambda itself does in the function's name, and what the
 * function calls (permissions.js).
 *
 * @param {Record<string, FunctionDeclaration>} functions
 * @param {Record<string, import('./permissions.js').Permission[]>} permissions by function; a function that calls nothing needs no entry
 * @param {{ isInVpc?: boolean }} [options] whether all functions are in a VPC
 * @throws {DeclarationError} for permissions of a function that does not exist
 */
export function rolesTemplate(functions, permissions, { isInVpc = false } = {}) {
  const stray = Object.keys(permissions).filter((name) => !Object.hasOwn(functions, name));
  if (stray.length) throw new DeclarationError(`custom.permissions.${stray[0]}: there is no function of this name`);
  const roles = Object.entries(functions).map(([name, declaration]) => [
    `${logicalId(name)}Role`,
    role([...forLambda(name, declaration), ...(isInVpc ? FOR_A_VPC : []), ...(permissions[name] ?? [])]),
  ]);
  return { Resources: Object.fromEntries(roles) };
}

/**
 * What Lambda does in the function's name: it writes its log, sends traces, and polls its queues.
 *
 * @param {string} name
 * @param {FunctionDeclaration} declaration
 * @returns {import('./permissions.js').Permission[]}
 */
function forLambda(name, { events = [] }) {
  const queues = events.flatMap(({ sqs }) => (sqs ? [sqs.arn] : []));
  return [
    // Not CreateLogGroup: the group is the stack's, and would otherwise come back without retention after a removal.
    { Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: arnOf(`${logicalId(name)}LogGroup`) },
    // X-Ray knows no resources for these two.
    { Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
    ...(queues.length
      ? [{ Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], Resource: queues }]
      : []),
  ];
}

/**
 * Lambda makes a network interface in the function's name, which has no ARN before it is there [Lambda, VPC access].
 *
 * @type {import('./permissions.js').Permission[]}
 */
const FOR_A_VPC = [
  {
    Action: [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    Resource: '*',
  },
];

/** @param {import('./permissions.js').Permission[]} permissions */
function role(permissions) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [
        {
          PolicyName: 'function',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: permissions.map((permission) => ({ Effect: 'Allow', ...permission })),
          },
        },
      ],
    },
  };
}
