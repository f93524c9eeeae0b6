import { messageGroupsOf } from '../../queues/message-groups.ts';
import { Report } from '../../telemetry/report.ts';
import type { ReportMiddleware } from './context.ts';

/** Gives the invocation its `report`. The worker fills it in, and the next two middlewares publish it. */
export function openReport(): ReportMiddleware {
  return {
    before: function openBatchReport({ event, context }) {
      context.report = new Report(event.Records.length);
      context.report.groups = messageGroupsOf(event.Records);
    },
  };
}
