import type { IncomingMessage } from 'node:http';
import type { ServiceRequest } from './request.ts';

/** Where a request goes, from its headers and path alone. For a form the body must be read, too. */
export type Destination = 'sqs-json' | 'dynamodb' | 'lambda' | 'health' | 's3' | 'form' | 'unknown';

/** Lambda's REST paths begin with the date of the API version that introduced them. */
const LAMBDA_PATH =
  /^\/20\d\d-\d\d-\d\d\/(functions|event-source-mappings|layers|account-settings|tags|code-signing-configs)(\/|\?|$)/;
const FORM = 'application/x-www-form-urlencoded';

/** The service that a request was signed for, from its Authorization header or its presigned query. */
export function signedFor(authorization: string | undefined, url = ''): string | undefined {
  const scope = /Credential=[^/]+\/\d{8}\/[^/]+\/([^/]+)\//.exec(authorization ?? '')?.[1];
  return scope ?? /[?&]X-Amz-Credential=[^&]*?(?:%2F|\/)([a-z0-9-]+)(?:%2F|\/)aws4_request/i.exec(url)?.[1];
}

export function route({ headers, url = '/', method }: IncomingMessage): Destination {
  const target = headers['x-amz-target'] as string | undefined;
  if (target?.startsWith('AmazonSQS.')) return 'sqs-json';
  if (target?.startsWith('DynamoDB_20120810.')) return 'dynamodb';
  if (target) return 'unknown';
  if (url === '/_localstack/health') return 'health';
  const service = signedFor(headers.authorization, url);
  if (service === 'lambda' || LAMBDA_PATH.test(url)) return 'lambda';
  const isForm = headers['content-type']?.startsWith(FORM) && method === 'POST' && service !== 's3';
  if (isForm || /[?&]Action=/.test(url)) return 'form';
  if (service === undefined || service === 's3') return 's3';
  return 'unknown';
}

const FORM_SERVICES = ['sqs', 'sns', 'sts', 'cloudformation'] as const;
type FormService = (typeof FORM_SERVICES)[number];
const SQS_ACTION = /Queue|Message/;
const SNS_ACTION = /Topic|Subscri|^Publish|^ConfirmSubscription$|ForResource$|^(Unt|T)agResource$/;
const CLOUDFORMATION_ACTION = /Stack|^ListExports$|^GetTemplate/;

/** The service that a form is for: the one that it is signed for, else the one that has the action. */
export function formDestination(request: ServiceRequest, form: URLSearchParams): FormService | undefined {
  const service = signedFor(request.headers.authorization);
  if (service) return FORM_SERVICES.find((known) => known === service);
  const action = form.get('Action') ?? '';
  if (action === 'GetCallerIdentity') return 'sts';
  if (SNS_ACTION.test(action)) return 'sns';
  if (CLOUDFORMATION_ACTION.test(action)) return 'cloudformation';
  return SQS_ACTION.test(action) ? 'sqs' : undefined;
}
