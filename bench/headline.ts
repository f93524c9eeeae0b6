import type { Table } from './figures/figure.ts';
import type { Measured } from './process/session.ts';
import { measurementsOf, type Results } from './results.ts';
import type { Outcome } from './rounds.ts';
import { spreadOf } from './statistics.ts';

const BATCH = 1_000;
const NAMES: Record<string, string> = {
  sluice: 'Sluice',
  bare: 'bare SDK handler',
  middy: 'Middy',
  powertools: 'Powertools',
};
const WIDTH = 720;
const LEFT = 150;
const BAR = 30;

/**
 * The front page's table: the headlines of the figures, medians by variant, and the cost of a million jobs.
 * @param costPage text of docs/cost.md, which bench/cost.ts makes
 */
export function headlineTable(all: readonly Results[], costPage: string): Table {
  const lines = measurementsOf(all).flatMap(([, { finding }]) => finding.headlines ?? []);
  const cost = { figure: 'a million jobs in batches of 100, list prices', cells: dollarsOf(costPage) };
  return {
    head: ['the same job, beside', ...Object.values(NAMES)],
    rows: [...lines, cost].map(({ figure, cells }) => [
      figure,
      ...Object.keys(NAMES).map((variant) => cells[variant] ?? '-'),
    ]),
  };
}

/** The last column of the lines `| variant | 100 | ... | total |`. */
function dollarsOf(costPage: string): Record<string, string> {
  const lines = costPage.matchAll(/^\| (\w+) \| 100 \|.*\| ([\d.]+) \|$/gm);
  return Object.fromEntries([...lines].map(([, variant, dollars]) => [variant, `$${dollars}`]));
}

/** CPU per record at a batch of 1,000 as horizontal bars, an SVG document; undefined where no variant has a figure. */
export function headlinePlot(all: readonly Results[]): string | undefined {
  const raw = new Map(measurementsOf(all)).get('batches')?.finding.raw as
    | Record<string, Outcome<readonly Measured[]>>
    | undefined;
  const bars = Object.entries(NAMES).flatMap(([variant, name]) => {
    const runs = (raw?.[variant]?.runs ?? []).flatMap((sizes) => sizes.filter(({ batch }) => batch === BATCH));
    if (runs.length === 0) return [];
    return { name, us: spreadOf(runs.map(({ cpuMs, records }) => (cpuMs * 1000) / records)).median };
  });
  return bars.length > 0 ? plotOf(bars) : undefined;
}

function plotOf(bars: readonly { readonly name: string; readonly us: number }[]): string {
  const most = Math.max(...bars.map(({ us }) => us));
  const height = 60 + bars.length * (BAR + 14);
  const rows = bars.map(({ name, us }, i) => {
    const y = 50 + i * (BAR + 14);
    const width = Math.max(2, ((WIDTH - LEFT - 110) * us) / most);
    const middle = y + BAR / 2 + 4;
    return `<text x="${LEFT - 10}" y="${middle}" text-anchor="end">${name}</text>
<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="${i === 0 ? '#2563eb' : '#9ca3af'}"/>
<text x="${(LEFT + width + 8).toFixed(1)}" y="${middle}">${Math.round(us).toLocaleString('en')} µs</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13">
<title>CPU for one record, Sluice beside its peers</title>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="16" y="28" font-size="15">CPU for one record in a batch of 1,000: same job, same table, one run</text>
${rows.join('\n')}
</svg>
`;
}
