import type middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Report } from '../../telemetry/report.ts';

/** Lambda's context, and the counts of the invocation. */
export interface BatchContext extends Context {
  /** Set by `openReport`. */
  report: Report;
}

/** A middleware of the batch chain that needs the report. */
export type ReportMiddleware = middy.MiddlewareObj<SQSEvent, SQSBatchResponse, Error, BatchContext>;
