import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { UsageError } from '../../ending/exit.ts';
import type { Line } from './lines.ts';

const TRIPLE = '{"job_id": "{id}", "value": {n}}';

/** A name for the samples of one command, so that those of two commands have different ids. */
function newSeries(): string {
  return `sample-${randomBytes(4).toString('hex')}`;
}

/**
 * What the sample jobs of a type look like: for other types than `triple` the schema's first example, whose `job_id` is
 * replaced.
 *
 * @throws UsageError where the type has no schema, or its schema no example
 */
async function templateOf(type: string): Promise<string> {
  if (type === 'triple') return TRIPLE;
  const file = new URL(`../../../schemas/${encodeURIComponent(type)}.json`, import.meta.url);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`there is no job type "${type}": schemas/${type}.json is missing`);
  });
  const [example] = (JSON.parse(text) as { examples?: object[] }).examples ?? [];
  if (example) return JSON.stringify({ ...example, job_id: '{id}' });
  throw new UsageError(
    `schemas/${type}.json has no "examples" to make samples from: add one there, or pass --body, such as ` +
      `--body '{"type": "${type}", "job_id": "{id}", ...}'`,
  );
}

/** `{n}` counts from 1, `{id}` is unique to the series and the number. The same series gives the same lines again. */
async function* lines(template: string, count: number, series: string): AsyncGenerator<Line> {
  for (let number = 1; number <= count; number++) {
    const text = template.replaceAll('{n}', String(number)).replaceAll('{id}', `${series}-${number}`);
    yield { number, text };
  }
}

export const samples = { newSeries, templateOf, lines };
