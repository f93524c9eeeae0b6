import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spreadOf } from './statistics.ts';

interface Run {
  readonly records: number;
  readonly cpuMs: number;
}

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

/** CPU a record at a batch of 1,000 as horizontal bars, an SVG document. @param raw the runs by `<variant> <batch>` */
export function headline(raw: Readonly<Record<string, readonly Run[]>>): string {
  const bars = Object.entries(NAMES).map(([variant, name]) => {
    const runs = raw[`${variant} ${BATCH}`] ?? [];
    return { name, us: spreadOf(runs.map(({ cpuMs, records }) => (cpuMs * 1000) / records)).median };
  });
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

if (import.meta.main) {
  const [file, out = join(import.meta.dirname, '../docs/headline.svg')] = process.argv.slice(2);
  const batches = file && JSON.parse(readFileSync(file, 'utf8')).findings.batches;
  if (!batches) {
    console.error(
      'node bench/headline.ts RESULTS.json [FILE.svg]: RESULTS from `npm run bench -- --json RESULTS.json`',
    );
    process.exitCode = 1;
  } else writeFileSync(out, headline(batches.raw));
}
