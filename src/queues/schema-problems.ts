import type { ErrorObject } from 'ajv';
import { InvalidJob } from '../failures/errors.ts';
import type { RawJob } from './message.ts';

/** The most problems that an error names. A schema with alternatives reports one for each. */
const MAX_PROBLEMS = 5;

/**
 * The rules of its schema that a job breaks, in one line. It names the field and the rule. Of the producer's text it
 * repeats only names that are also in the schema.
 *
 * @param problems as the precompiled validator leaves them in its `errors`
 */
export function invalidJob(type: string, problems: readonly ErrorObject[], job: RawJob): InvalidJob {
  return new InvalidJob(`${type}: ${listed(problems, job)}`);
}

function listed(problems: readonly ErrorObject[], job: RawJob): string {
  const named = problems.slice(0, MAX_PROBLEMS).map((problem) => {
    const { instancePath, schemaPath, message } = problem;
    return `${place(instancePath, schemaPath) || 'the job'} ${message}${unknownProperty(problem, job)}`;
  });
  const more = problems.length - named.length;
  return named.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** The path, with a star for each name that is not in the schema, because the producer chose it. */
function place(instancePath: string, schemaPath: string): string {
  const known = new Set(schemaPath.split('/'));
  const steps = instancePath.split('/').slice(1);
  return steps.map((step) => `/${known.has(step) || /^\d{1,6}$/.test(step) ? step : '*'}`).join('');
}

/** The property by its position. Its name may be a secret that was put there by mistake. */
function unknownProperty({ instancePath, params }: ErrorObject, job: RawJob): string {
  const name: unknown = params.additionalProperty ?? params.unevaluatedProperty ?? params.propertyName;
  if (typeof name !== 'string') return '';
  let holder: unknown = job;
  for (const step of instancePath.split('/').slice(1)) {
    holder = (holder as Record<string, unknown>)[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  const names = Object.keys(holder as object);
  return ` (property ${names.indexOf(name) + 1} of ${names.length}, whose name has ${name.length} characters)`;
}
