import { isAws } from '../../src/failures/aws-errors.ts';
import { DataError, EXIT, type ExitCode, UsageError } from '../ending/exit.ts';
import { shellCommand } from '../output/shell.ts';
import type { Target } from './stage.ts';

/** The parts of an error that the remedies look at. */
interface Seen {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly hostname: string | undefined;
}

type Remedy = (seen: Seen, target: Target, endpoint: string | undefined) => string | undefined;

const EMBEDDED = 'start the embedded cloud with `npm start` and export the AWS_ENDPOINT_URL that it prints';

/** Tried in this order; the first answer counts. */
const REMEDIES: readonly Remedy[] = [
  ({ name }, { profile = process.env.AWS_PROFILE }) =>
    name === 'CredentialsProviderError'
      ? `no AWS credentials${profile ? ` in the profile "${profile}" (\`aws configure list-profiles\` lists those there are)` : ''}: ` +
        'pass --profile, or export AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for the embedded cloud any value will do'
      : undefined,
  ({ message }) =>
    /^Region not accepted/.test(message) ? `${message} Pass another --region, such as us-east-1` : undefined,
  ({ name, message }) =>
    isAws(name, 'credentials')
      ? `AWS does not accept these credentials: ${message} Log in again, or pass another --profile`
      : undefined,
  ({ name, message }) =>
    isAws(name, 'denied')
      ? `these credentials may not do that: ${message} The policy of whoever runs sluice must allow it`
      : undefined,
  ({ code, message }, _, endpoint) =>
    code === 'ECONNREFUSED'
      ? `nothing listens at ${endpoint ?? 'the endpoint'} (${message}): ${EMBEDDED}; or unset AWS_ENDPOINT_URL for AWS itself`
      : undefined,
  ({ code, hostname, message }, { region }) =>
    code === 'ENOTFOUND' || code === 'EAI_AGAIN'
      ? `the host ${hostname ?? `in "${message}"`} cannot be found: is ${region ? `the region "${region}"` : 'the region'} right, and is there a network?`
      : undefined,
  ({ name, message }) =>
    isAws(name, 'missing') ? `${message} Was it deleted by hand? \`npx serverless deploy\` brings it back` : undefined,
  ({ name, code, message }, _, endpoint) =>
    name === 'TimeoutError' || code === 'ETIMEDOUT' || code === 'ECONNRESET'
      ? `${endpoint ?? 'AWS'} does not answer (${message}): try again, and look at the network and at AWS_ENDPOINT_URL`
      : undefined,
];

/** Whether a stack is missing. CloudFormation has no error name of its own for that. */
export function isMissingStack(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message);
}

/** The remedy for a stage that is not there. */
export function missingStack(
  stack: string,
  stage: string,
  region: string,
  endpoint = process.env.AWS_ENDPOINT_URL,
): string {
  const where = endpoint ? `at ${endpoint}` : `in ${region}`;
  const other = endpoint
    ? 'pass another --stage, or unset AWS_ENDPOINT_URL to ask AWS itself'
    : `pass another --stage or --region, or ${EMBEDDED}`;
  const deploy = shellCommand(['npx', 'serverless', 'deploy', '--stage', stage]) ?? 'npx serverless deploy';
  return `no stack ${stack} ${where}: deploy it with \`${deploy}\`; or ${other}`;
}

/**
 * How an error ends the command: what to print, and the exit code. One without a remedy here is told with its stack.
 */
export function endingFor(
  error: unknown,
  target: Target,
  endpoint = process.env.AWS_ENDPOINT_URL,
): { message: string; code: ExitCode } {
  if (error instanceof DataError) return { message: error.message, code: EXIT.data };
  if (error instanceof UsageError) return { message: error.message, code: EXIT.usage };
  const seen = see(error);
  for (const remedy of REMEDIES) {
    const message = remedy(seen, target, endpoint);
    if (message) return { message, code: EXIT.usage };
  }
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), code: EXIT.usage };
}

/** The SDK wraps network errors, and Node.js hides the tries at each address in an AggregateError. */
function see(error: unknown): Seen {
  const first = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const { name = '', message = '', code, hostname, cause } = first as NodeJS.ErrnoException & { hostname?: string };
  if (code === undefined && cause instanceof Error && 'code' in cause) return see(cause);
  return { name, message, code, hostname };
}
