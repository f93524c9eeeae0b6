import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import type { LogLevel } from './env.ts';

const STATUS: Record<string, string> = { ERROR: 'error', CRITICAL: 'error' };

/**
 * `{trace_id, action, status, details, timestamp}`: the shape that dashboards read. The logged message is the action, a
 * snake_case word; `status` follows from the level where the call does not say it.
 */
class ActionFormatter extends LogFormatter {
  override formatAttributes(attributes: UnformattedAttributes, additional: LogAttributes): LogItem {
    const { details = {}, status, error, ...rest } = additional;
    const { logLevel, message, timestamp, lambdaContext, xRayTraceId, serviceName } = attributes;
    return new LogItem({
      attributes: {
        trace_id: xRayTraceId ?? lambdaContext?.awsRequestId,
        action: message,
        status: (status as string) ?? STATUS[logLevel] ?? 'info',
        details: error === undefined ? details : { ...(details as object), error },
        timestamp: timestamp.toISOString(),
        level: logLevel,
        service: serviceName,
        function: lambdaContext?.functionName,
        request_id: lambdaContext?.awsRequestId,
        ...rest,
      } as LogAttributes,
    });
  }
}

/** The JSON logger of a function. Payloads are never logged by us; ids and reasons are. */
export function createLogger(options: { level: LogLevel; stage: string }): Logger {
  return new Logger({
    serviceName: 'sluice',
    logLevel: options.level,
    logFormatter: new ActionFormatter(),
    persistentKeys: { stage: options.stage },
  });
}
