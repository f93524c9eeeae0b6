import { Ajv } from 'ajv';
import { validation } from '../../../src/middleware/record/validation.ts';

/** What the middleware throws for a job that the schema refuses. */
function refusal(schema: object, job: unknown): Error {
  const { before } = validation(new Ajv({ allowUnionTypes: true }).compile(schema));
  try {
    before?.({ event: job, context: { message: { type: 't' } } } as never);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was not refused');
}

const SECRET = 'canary';

test.each<[string, object, unknown, string]>([
  [
    'a field of the wrong type by its path',
    { properties: { a: { type: 'object', properties: { b: { type: 'number' } } } } },
    { a: { b: SECRET } },
    't: /a/b must be number',
  ],
  [
    'an item by its index',
    { properties: { list: { type: 'array', items: { type: 'number' } } } },
    { list: [1, SECRET] },
    't: /list/1 must be number',
  ],
  [
    'a field that the schema does not name with a star',
    { properties: { map: { type: 'object', additionalProperties: { type: 'number' } } } },
    { map: { [SECRET]: SECRET } },
    't: /map/* must be number',
  ],
  [
    'a field named like a card number with a star',
    { properties: { map: { type: 'object', additionalProperties: { type: 'number' } } } },
    { map: { 4111111111111111: SECRET } },
    't: /map/* must be number',
  ],
  [
    'an unknown property by its place and length',
    { properties: { a: {} }, additionalProperties: false },
    { a: 1, [SECRET]: SECRET },
    't: the job must NOT have additional properties (property 2 of 2, whose name has 6 characters)',
  ],
  [
    'an unknown property deep inside',
    { properties: { 'a/b': { type: 'object', additionalProperties: false } } },
    { 'a/b': { x: 1, [SECRET]: 1 } },
    't: /a~1b must NOT have additional properties (property 1 of 2, whose name has 1 characters)',
  ],
  [
    'a name that its rule refuses by its place and length',
    { propertyNames: { maxLength: 3 } },
    { a: 1, [SECRET]: 1 },
    't: the job must NOT have more than 3 characters; the job property name must be valid (property 2 of 2, whose name has 6 characters)',
  ],
  ['a constant', { properties: { a: { const: 'x' } } }, { a: SECRET }, 't: /a must be equal to constant'],
  [
    'one of several',
    { properties: { a: { enum: ['x', 'y'] } } },
    { a: SECRET },
    't: /a must be equal to one of the allowed values',
  ],
])('says %s, and repeats no value', (_name, rules, job, message) => {
  const error = refusal({ type: 'object', ...rules }, job);
  expect(error).toMatchObject({ name: 'InvalidJob', message });
});

test('says at most five of the problems that alternatives have', () => {
  const anyOf = Array.from({ length: 20 }, (_, i) => ({ const: i }));
  const { message } = refusal({ type: 'object', properties: { a: { anyOf } } }, { a: SECRET });
  expect(message.split('; ')).toHaveLength(6);
  expect(message).toMatch(/; and 16 more$/);
});

test('a validator that fails is no invalid job', () => {
  const failing = Object.assign(
    () => {
      throw new RangeError('out of stack');
    },
    { errors: [] },
  );
  const { before } = validation(failing as never);
  expect(() => before?.({ event: {}, context: { message: { type: 't' } } } as never)).toThrow(RangeError);
});
