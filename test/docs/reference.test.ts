import { readFileSync } from 'node:fs';

const read = (path: string) => readFileSync(path, 'utf8');

/** The names in the first cells of a page's tables, such as `batchSize`. */
function namesIn(page: string): string[] {
  const cells = [...read(page).matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)).sort();
}

test('docs/configuration.md lists every parameter of serverless.yml, and no other', () => {
  const service = read('serverless.yml');
  const defaults = /^ {2}default:\n((?: {4}.*\n)+)/m.exec(service)?.[1] ?? '';
  const declared = [...defaults.matchAll(/^ {4}(\w+):/gm)].map(([, name = '']) => name);
  const used = [...service.matchAll(/param:(\w+)/g)].map(([, name = '']) => name);
  expect(declared.length).toBeGreaterThan(10);
  expect(namesIn('docs/configuration.md')).toEqual([...new Set([...declared, ...used])].sort());
});

test('docs/operating.md lists every metric, and no other', () => {
  const source = read('src/middleware/batch/batch-metrics.ts');
  const metrics = [...source.matchAll(/(?:^ {4}|addValues\(')([A-Z]\w+)[:']/gm)].map(([, name = '']) => name);
  expect(metrics).toContain('JobDuration');
  expect(namesIn('docs/operating.md')).toEqual(metrics.sort());
});
