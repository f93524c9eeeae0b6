import { randomUUID } from 'node:crypto';
import type { FunctionConfiguration } from './configuration.ts';

/**
 * The only variables of the host that a function's process gets. It needs them to run at all. Credentials and settings
 * are not passed on.
 */
const inherited = ['PATH', 'TMPDIR', 'SystemRoot'];

/** The log stream of a new execution environment, in Lambda's form: date, version, random id. */
function logStreamName(now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
}

/**
 * All environment variables of a function's process: Lambda's reserved ones, then the function's own. Lambda refuses
 * functions that set reserved variables. Here the function's own replace the defaults, so that the cloud can set them.
 */
export function processEnvironment(configuration: FunctionConfiguration): Record<string, string> {
  const { name, handler, codeDirectory, memoryMegabytes, environment } = configuration;
  const host = inherited.flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]]));
  return {
    ...Object.fromEntries(host),
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: environment.AWS_REGION ?? 'us-east-1',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName(new Date()),
    ...environment,
    LAMBDA_TASK_ROOT: codeDirectory,
    _HANDLER: handler,
  };
}
