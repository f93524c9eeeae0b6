import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { UsageError } from '../../ending/exit.ts';
import type { Line } from './lines.ts';

/** A name for the samples of one command, so that those of two commands have different ids. */
function newSeries(): string {
  return `sample-${randomBytes(4).toString('hex')}`;
}

/** What is read of a schema. */
interface Schema {
  readonly properties?: Readonly<Record<string, object>>;
  readonly examples?: readonly Readonly<Record<string, unknown>>[];
}

/** What may keep a number from counting up. */
const BOUNDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'enum', 'const'];

/**
 * What the sample jobs of a type look like: its schema's first example, with a `job_id` of their own if it has one, and with a
 * number that counts up wherever the schema sets it no bounds. An example of another id writes `{id}` there itself.
 *
 * @throws UsageError where the type has no schema, or its schema no example
 */
async function templateOf(type: string): Promise<string> {
  const file = new URL(`../../../schemas/${encodeURIComponent(type)}.json`, import.meta.url);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`there is no job type "${type}": schemas/${type}.json is missing`);
  });
  const { examples = [], properties = {} } = JSON.parse(text) as Schema;
  const [example] = examples;
  if (example)
    return `{${Object.entries('job_id' in example ? { ...example, job_id: '{id}' } : example)
      .map(fieldOf(properties))
      .join(', ')}}`;
  throw new UsageError(
    `schemas/${type}.json has no "examples" to make samples from: add one there, or pass --body, such as ` +
      `--body '{"type": "${type}", "job_id": "{id}", ...}'`,
  );
}

function fieldOf(properties: NonNullable<Schema['properties']>): (field: [string, unknown]) => string {
  return ([name, value]) => {
    const rule = properties[name];
    const countsUp = typeof value === 'number' && rule !== undefined && !BOUNDS.some((bound) => bound in rule);
    return `${JSON.stringify(name)}: ${countsUp ? '{n}' : JSON.stringify(value)}`;
  };
}

/** `{n}` counts from 1, `{id}` is unique to the series and the number. The same series gives the same lines again. */
async function* lines(template: string, count: number, series: string): AsyncGenerator<Line> {
  for (let number = 1; number <= count; number++) {
    const text = template.replaceAll('{n}', String(number)).replaceAll('{id}', `${series}-${number}`);
    yield { number, text };
  }
}

export const samples = { newSeries, templateOf, lines };
