import type { Figure, FigureName, Finding, Settings } from '../../bench/figures/figure.ts';
import { headlinePlot, headlineTable } from '../../bench/headline.ts';
import { between, markdownOf } from '../../bench/markdown.ts';
import { measureFigure } from '../../bench/measure-figure.ts';
import type { Measurement, Results } from '../../bench/results.ts';

const finding = (title: string): Finding => ({
  title,
  tables: [{ head: ['', 'ms'], rows: [['sluice', '1 (1-2)']] }],
  targets: [{ figure: title, target: '<= 1', measured: '2', met: false }],
  headlines: [{ figure: `${title}, for the front page`, cells: { sluice: '1', powertools: '9' } }],
  raw: {},
});

const measured = (title: string, rest: Partial<Measurement> = {}): Measurement => ({
  finding: finding(title),
  at: '2026-01-01T00:00:00.000Z',
  load: '0.1 0.1 0.1',
  seconds: 3,
  rounds: 7,
  complete: true,
  ...rest,
});

const results = (measurements: Partial<Record<FigureName, Measurement>>, machine = 'one machine'): Results => ({
  machine,
  settings: { repeats: 7, warmUp: 20_000, warmUpCpuMs: 10_000 },
  measurements,
});

const settings = { say: () => {} } as unknown as Settings;

async function all(figure: Figure): Promise<Measurement[]> {
  const found: Measurement[] = [];
  for await (const measurement of measureFigure(figure, settings)) found.push(measurement);
  return found;
}

test('a figure that fails keeps the rounds before it, with the reason', async () => {
  const found = await all(async function* () {
    yield finding('first');
    yield finding('second');
    throw new Error('no more');
  });
  expect(found.map(({ rounds, complete }) => [rounds, complete])).toEqual([
    [1, false],
    [2, false],
    [2, false],
  ]);
  expect(found.at(-1)).toMatchObject({ finding: { title: 'second' }, error: 'Error: no more' });
});

test('a figure that comes to its end is complete', async () => {
  const found = await all(async function* () {
    yield finding('only');
  });
  expect(found.at(-1)).toMatchObject({ rounds: 1, complete: true, finding: { title: 'only' } });
});

test('a partial file becomes a page that names what is missing', () => {
  const page = markdownOf([results({ batches: measured('Batches'), twice: measured('Twice', { complete: false }) })]);
  expect(page).toContain('### Batches');
  expect(page).toContain('### Twice');
  expect(page).toContain('- twice ended after round 7: the run was stopped.');
  expect(page).toContain('- latency was not measured.');
  expect(page).not.toMatch(/- batches (was|ended)/);
});

test('of two files the later one counts, and each run tells only what is shown of it', () => {
  const old = results({ cold: measured('Cold, old'), twice: measured('Twice, old') }, 'the old machine');
  const late = results({ cold: measured('Cold, new') }, 'the new machine');
  const page = markdownOf([old, late]);
  expect(page).toContain('### Cold, new');
  expect(page).not.toContain('Cold, old');
  expect(page).toMatch(/the old machine;.*\n\n- twice: [^\n]*\n\nOne run on the new machine;.*\n\n- cold: /s);
});

test('the front page has the figures and the cost of a million jobs, variant by variant', () => {
  const cost = '| sluice | 10 | 1 | 0.78 |\n| sluice | 100 | 1 | 0.75 |\n| bare | 100 | 1 | 0.76 |';
  const { head, rows } = headlineTable([results({ memory: measured('Memory') })], cost);
  expect(head).toEqual(['the same job, beside', 'Sluice', 'bare SDK handler', 'Middy', 'Powertools']);
  expect(rows).toEqual([
    ['Memory, for the front page', '1', '-', '-', '9'],
    ['a million jobs in batches of 100, list prices', '$0.75', '$0.76', '-', '-'],
  ]);
});

test('without the batches there is no plot', () => {
  expect(headlinePlot([results({ cold: measured('Cold') })])).toBeUndefined();
});

test('what is between the marks is replaced and what is around them stays', () => {
  const marked = 'before\n<!-- x: made by bench/markdown.ts -->\nold\n<!-- end of x -->\nafter';
  expect(between(marked, 'x', 'new')).toBe(
    'before\n<!-- x: made by bench/markdown.ts -->\n\nnew\n\n<!-- end of x -->\nafter',
  );
  expect(() => between('nothing', 'x', 'new')).toThrow('made by bench/markdown.ts');
});
