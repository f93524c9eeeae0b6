import { readFileSync } from 'node:fs';
import { KEYS } from '../../infra/declaration-rules.js';

const read = (path: string) => readFileSync(path, 'utf8');

/** The names in the first cells of a page's tables, such as `batchSize`; of one chapter's alone where it is given. */
function namesIn(page: string, chapter?: string): string[] {
  const text = read(page);
  const part = chapter === undefined ? text : text.split(/^## /m).find((each) => each.startsWith(`${chapter}\n`));
  const cells = [...(part ?? '').matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)).sort();
}

test('docs/configuration.md lists every parameter of serverless.yml, and no other', () => {
  const service = read('serverless.yml');
  const defaults = /^ {2}default:\n((?: {4}.*\n)+)/m.exec(service)?.[1] ?? '';
  const declared = [...defaults.matchAll(/^ {4}(\w+):/gm)].map(([, name = '']) => name);
  const used = [...service.matchAll(/param:(\w+)/g)].map(([, name = '']) => name);
  expect(declared.length).toBeGreaterThan(10);
  expect(namesIn('docs/configuration.md', 'A stage')).toEqual([...new Set([...declared, ...used])].sort());
});

test('docs/configuration.md lists every key of a queue, and no other', () => {
  expect(namesIn('docs/configuration.md', 'A queue')).toEqual([...KEYS].sort());
});

test('docs/operating.md lists every metric, and no other', () => {
  const source = read('src/middleware/batch/batch-metrics.ts');
  const metrics = [...source.matchAll(/(?:^ {4}|addValues\(')([A-Z]\w+)[:']/gm)].map(([, name = '']) => name);
  expect(metrics).toContain('JobDuration');
  expect(namesIn('docs/operating.md')).toEqual(metrics.sort());
});
