import type { Unknown } from '../model.ts';
import type { Complaint, Rule } from '../rule.ts';

export const valueInvalid: Rule = {
  id: 'value-invalid',
  level: 'error',
  explain: 'AWS refuses the value, and no rule could look at it.',
  *check({ unknown }) {
    for (const each of unknown) if (each.invalid) yield complaint(each, 'Write a whole number, or leave it out.');
  },
};

export const valueUnknown: Rule = {
  id: 'value-unknown',
  level: 'warning',
  explain: 'The value is decided outside of the template, so the rules on it were not checked.',
  *check({ unknown }) {
    for (const each of unknown) if (!each.invalid) yield complaint(each, 'Write the value into serverless.yml.');
  },
};

function complaint({ resource, property, why }: Unknown, remedy: string): Complaint {
  return { resource, problem: `${property}: ${why.replace(/\.$/, '')}.`, remedy, numbers: {} };
}
