import { allows, grantsOf, type Statement } from '../../../localstack/permissions/policy.ts';

const call = { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:us-east-1:000000000000:jobs' };
const allow = (Action: string | string[], Resource: string | string[]): Statement => ({ Action, Resource });

test.each<[string, Statement[], boolean]>([
  ['nothing is allowed without a statement', [], false],
  ['the exact action and resource are', [allow(call.action, call.resource)], true],
  ['one of several is', [allow(['sqs:DeleteMessage', call.action], ['arn:other', call.resource])], true],
  ['another action is not', [allow('sqs:DeleteMessage', call.resource)], false],
  ['another resource is not', [allow(call.action, `${call.resource}-dlq`)], false],
  ['a resource that only begins alike is not', [allow(call.action, call.resource.slice(0, -1))], false],
  ['a wildcard stands for any text', [allow('sqs:Send*', 'arn:aws:sqs:*:jobs')], true],
  ['a question mark stands for one character', [allow(call.action, 'arn:aws:sqs:us-east-?:000000000000:jobs')], true],
  ['a dot stands for itself', [allow('sqs.SendMessage', '*')], false],
  ['the case of an action does not matter', [allow('SQS:sendmessage', '*')], true],
  ['the case of a resource does', [allow(call.action, call.resource.toUpperCase())], false],
  ['a denial wins', [allow('*', '*'), { Effect: 'Deny', Action: 'sqs:*', Resource: '*' }], false],
  ['a denial of something else does not', [allow('*', '*'), { Effect: 'Deny', Action: 's3:*', Resource: '*' }], true],
])('%s', (_, statements, expected) => {
  expect(allows(statements, call)).toBe(expected);
});

test('grants are every pair of action and resource that is allowed', () => {
  expect(grantsOf([allow(['a:X', 'a:Y'], ['1', '2']), { Effect: 'Deny', Action: 'a:X', Resource: '1' }])).toEqual([
    { action: 'a:X', resource: '1' },
    { action: 'a:X', resource: '2' },
    { action: 'a:Y', resource: '1' },
    { action: 'a:Y', resource: '2' },
  ]);
});
