import validator from '@middy/validator';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { InvalidJob } from '../errors.ts';
import type { RecordMiddleware } from '../record-context.ts';

/** Validates a job against its precompiled schema. @throws InvalidJob that names the field and the rule */
export function validation(schema: ValidateFunction): RecordMiddleware {
  const { before } = validator({ eventSchema: schema as never });
  return {
    before: function validateJob(request) {
      try {
        before?.(request as never);
      } catch (error) {
        throw new InvalidJob(`${request.context.message.type}: ${explain(error)}`);
      }
    },
  };
}

function explain(error: unknown): string {
  const data = (error as { cause?: { data?: ErrorObject[] } }).cause?.data ?? [];
  const problems = data.map(({ instancePath, keyword, params, message }) => {
    const detail = keyword === 'additionalProperties' ? ` ("${params.additionalProperty}")` : '';
    return `${instancePath || 'the job'} ${message}${detail}`;
  });
  return problems.join('; ') || String(error);
}
