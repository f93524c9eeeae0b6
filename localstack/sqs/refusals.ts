import { SqsError } from '../fauxqs/internals.ts';

export const invalidParameter = (message: string) => new SqsError('InvalidParameterValue', message);

export const invalidValue = (name: string, value: unknown, reason: string) =>
  invalidParameter(`Value ${value} for parameter ${name} is invalid. Reason: ${reason}`);

export const missingParameter = (name: string) =>
  new SqsError('MissingParameter', `The request must contain the parameter ${name}.`);
