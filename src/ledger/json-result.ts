import { PermanentError } from '../failures/errors.ts';
import { legible } from '../failures/foreign-text.ts';
import type { Json } from '../job.ts';
import { isPlain, MAX_CONTAINERS, MAX_RESULT_BYTES } from './result-rules.ts';

/**
 * A job's result as text, for stores that keep text: read back, it is what the handler returned. As in `JSON.stringify`, a
 * property that is undefined is left out; what else would change on the way is refused, with the path to it.
 *
 * @throws PermanentError for what is not JSON, contains itself, has more than 31 lists and objects in each other, half a surrogate
 *   pair or a number that is not finite, or takes more than `most` bytes as text
 * @param most by default 392 KB: see `bytesBeside`
 */
export function resultText(result: Json, most: number = MAX_RESULT_BYTES): string {
  check(result, []);
  const text = JSON.stringify(result);
  // Below a third of the limit no text can be above it in UTF-8.
  if (text.length * 3 <= most || Buffer.byteLength(text) <= most) return text;
  throw new PermanentError(
    `the result is larger than ${most} bytes, more than a record holds; store it in S3 and return its key`,
  );
}

/** @param path the lists and objects around the value, and the names and indexes that lead to it */
function check(value: unknown, path: Step[]): void {
  switch (typeof value) {
    case 'boolean':
      return;
    case 'string':
      if (value.isWellFormed()) return;
      throw refused(`must be well-formed Unicode; the text${at(path)} has half a surrogate pair`);
    case 'number':
      if (Number.isFinite(value)) return;
      throw refused(`must be JSON; its number${at(path)} is not finite`);
    case 'object':
      if (value !== null) checkInside(value, path);
      return;
    default:
      throw refused(`must be JSON; the handler returned ${typeof value}${at(path)}`);
  }
}

interface Step {
  readonly around: object;
  name: string | number;
}

function checkInside(around: object, path: Step[]): void {
  if (path.some((step) => step.around === around)) {
    throw refused(`must be JSON; the handler returned an object that contains itself${at(path)}`);
  }
  if (path.length >= MAX_CONTAINERS) throw refused(`may have ${MAX_CONTAINERS} levels; there are more${at(path)}`);
  const step: Step = { around, name: 0 };
  path.push(step);
  if (Array.isArray(around)) {
    // By index: a hole is undefined, and refused as such.
    for (let i = 0; i < around.length; i++) {
      step.name = i;
      check(around[i], path);
    }
  } else {
    if (!isPlain(around)) throw refused(`must be JSON; the handler returned an instance${at(path.slice(0, -1))}`);
    for (const [name, field] of Object.entries(around)) {
      step.name = name;
      if (!name.isWellFormed()) throw refused(`must be well-formed Unicode; the name${at(path)} is not`);
      if (field !== undefined) check(field, path);
    }
  }
  path.pop();
}

const refused = (what: string) => new PermanentError(`a result ${what}`);

function at(path: readonly Step[]): string {
  return path.length === 0 ? '' : ` at ${legible(path.map(({ name }) => `/${name}`).join(''), 200)}`;
}
