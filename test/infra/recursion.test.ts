import { recursionTemplate } from '../../infra/recursion.js';

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const consuming = (id: string) => ({ events: [{ sqs: { arn: arn(id) } }] });
const allowed = { Properties: { RecursiveLoop: 'Allow' } };

test.each([
  ['names it', { Action: 'sqs:SendMessage', Resource: arn('MailsQueue') }],
  [
    'names it among others',
    { Action: ['sqs:SendMessage'], Resource: [arn('MailsDeadLetterQueue'), arn('MailsQueue')] },
  ],
  ['covers all of SQS', { Action: 'sqs:*', Resource: '*' }],
])('a function may loop that may send to the queue it consumes: the permission %s', (_name, permission) => {
  expect(recursionTemplate({ 'late-mails': consuming('MailsQueue') }, { 'late-mails': [permission] })).toEqual({
    extensions: { LateDashmailsLambdaFunction: allowed },
  });
});

test.each([
  ['it sends to another queue', { Action: 'sqs:SendMessage', Resource: arn('OtherQueue') }],
  ['it only changes messages', { Action: 'sqs:ChangeMessageVisibility', Resource: arn('MailsQueue') }],
])('Lambda’s detection stays on where %s', (_name, permission) => {
  expect(recursionTemplate({ mails: consuming('MailsQueue') }, { mails: [permission] })).toEqual({ extensions: {} });
});

test('Lambda’s detection stays on for a function without a queue, or without permissions', () => {
  const functions = { mails: consuming('MailsQueue'), 'clean-up': {} };
  const permissions = { 'clean-up': [{ Action: 'sqs:SendMessage', Resource: arn('MailsQueue') }] };
  expect(recursionTemplate(functions, permissions)).toEqual({ extensions: {} });
});
