import { DeclarationError } from './declaration-error.js';
import { arnOf, logicalId } from './names.js';
import { readService } from './service.js';

/**
 * The part of an entry of `functions` that is read here.
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
  const { functions, permissions } = await readService(framework);
  return rolesTemplate(functions, permissions);
}

/**
 * A role for each function, `<Function>Role`. It allows what Lambda itself does in the function's name, and what the
 * function calls (permissions.js).
 *
 * @param {Record<string, FunctionDeclaration>} functions
 * @param {Record<string, import('./permissions.js').Permission[]>} permissions by function; a function that calls
 *   nothing needs no entry
 * @throws {DeclarationError} for permissions of a function that does not exist
 */
export function rolesTemplate(functions, permissions) {
  const stray = Object.keys(permissions).filter((name) => !Object.hasOwn(functions, name));
  if (stray.length) throw new DeclarationError(`custom.permissions.${stray[0]}: there is no function of this name`);
  const roles = Object.entries(functions).map(([name, declaration]) => [
    `${logicalId(name)}Role`,
    role([...forLambda(name, declaration), ...(permissions[name] ?? [])]),
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
    // Not CreateLogGroup, because the stack makes the group. With it, a group without retention would come back after
    // the stack is removed.
    { Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: arnOf(`${logicalId(name)}LogGroup`) },
    // X-Ray has no resources for these two actions.
    { Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
    ...(queues.length
      ? [{ Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], Resource: queues }]
      : []),
  ];
}

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
