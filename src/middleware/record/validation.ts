import validator from '@middy/validator';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { invalidJob } from '../../queues/schema-problems.ts';
import type { RecordMiddleware } from './context.ts';

/**
 * Validates a job against its precompiled schema.
 *
 * @throws InvalidJob that names the field and the rule
 */
export function validation(schema: ValidateFunction): RecordMiddleware {
  const { before } = validator({ eventSchema: schema as never });
  return {
    before: function validateJob(request) {
      try {
        before?.(request as never);
      } catch (error) {
        const problems = (error as { cause?: { data?: ErrorObject[] } }).cause?.data;
        if (!problems) throw error;
        throw invalidJob(request.context.message.type, problems, request.event);
      }
    },
  };
}
