import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import type { LogLevel } from '../env.ts';
import { legible } from '../failures/foreign-text.ts';

const STATUS: Record<string, string> = { ERROR: 'error', CRITICAL: 'error' };

/**
 * `{trace_id, action, status, details, timestamp}`: the shape that dashboards read. The logged message is the action, a
 * snake_case word. `status` follows from the level where the call does not set it.
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

/** The most characters of one text in a log line. A job's id may have 2,048, and a reason quotes it. */
const MAX_TEXT = 4_096;

/**
 * The last check of every value in a log line: its length is bounded, a terminal obeys no character of it, and an id
 * that is not text is left out.
 */
function fitForLog(key: string, value: unknown): unknown {
  if (typeof value === 'string') return legible(value, MAX_TEXT);
  return key === 'jobId' ? undefined : value;
}

/**
 * The JSON logger of a function. Of a message's content, our own code logs only names: the job's id and its type. A
 * reason holds types and places, not values. The errors of handlers are logged with their own text.
 */
export function createLogger(options: { level: LogLevel; stage: string }): Logger {
  return new Logger({
    serviceName: 'sluice',
    logLevel: options.level,
    logFormatter: new ActionFormatter(),
    persistentKeys: { stage: options.stage },
    jsonReplacerFn: fitForLog,
  });
}

/**
 * Logs one step of one job. On a standard queue it is absent unless the level is DEBUG, so that a job costs no log call. On a FIFO
 * queue, whose batches are small, it logs at INFO.
 *
 * @param status `success` unless it is given
 */
export type Trace = ((action: string, details: object, status?: 'info' | 'success') => void) | undefined;

/** @param level of the lines; undefined for no trace */
export function traceAt(level: 'info' | 'debug' | undefined, log: Logger): Trace {
  if (level === undefined) return undefined;
  return (action, details, status = 'success') => log[level](action, { status, details });
}
