import type { Estimate, Workload } from './model.ts';

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 70;
const RIGHT = 70;
const TOP = 50;
const BOTTOM = 60;

/** Price against latency of the settings worth choosing from, with the goal and the choice, as an SVG document. */
export function plot(workload: Workload, settings: readonly Estimate[], chosen: Estimate | undefined): string {
  const latencies = [...settings.map(({ latencyMs }) => latencyMs), workload.goalMs];
  const [fast, slow] = [Math.min(...latencies) * 0.8, Math.max(...latencies) * 1.25];
  const [cheap, dear] = [0, Math.max(...settings.map(({ bill }) => bill.total)) * 1.1];
  const x = (ms: number) => LEFT + ((WIDTH - LEFT - RIGHT) * Math.log(ms / fast)) / Math.log(slow / fast);
  const y = (dollars: number) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * (dollars - cheap)) / (dear - cheap);
  const path = settings
    .map(({ latencyMs, bill }, i) => {
      const before = settings[i - 1];
      // A step, because the price stays the same until the next setting is allowed.
      return `${before ? `H${at(x(latencyMs))} V` : `M${at(x(latencyMs))} `}${at(y(bill.total))}`;
    })
    .join(' ');
  const labelled = settings.filter(
    (_, i) => i === 0 || i === settings.length - 1 || i % Math.ceil(settings.length / 5) === 0,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">
<title>Price of a million jobs against latency</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${LEFT}" y="24" font-size="15">Cheapest setting for each latency: ${describe(workload)}</text>
${ticks(fast, slow)
  .map(
    (ms) =>
      `<path d="M${at(x(ms))} ${TOP}V${HEIGHT - BOTTOM}" stroke="#eee"/><text x="${at(x(ms))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${time(ms)}</text>`,
  )
  .join('\n')}
${[0, 0.25, 0.5, 0.75, 1]
  .map((share) => share * dear)
  .map(
    (dollars) =>
      `<path d="M${LEFT} ${at(y(dollars))}H${WIDTH - RIGHT}" stroke="#eee"/><text x="${LEFT - 8}" y="${at(y(dollars) + 4)}" text-anchor="end">$${dollars.toFixed(2)}</text>`,
  )
  .join('\n')}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 14}" text-anchor="middle">from sent to stored, worst message of a batch</text>
<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">US dollars a million jobs</text>
<path d="M${at(x(workload.goalMs))} ${TOP}V${HEIGHT - BOTTOM}" stroke="#c33" stroke-dasharray="5 4"/>
<text x="${at(x(workload.goalMs))}" y="${TOP - 6}" fill="#c33" text-anchor="middle">goal ${time(workload.goalMs)}</text>
<path d="${path}" fill="none" stroke="#2563eb" stroke-width="2"/>
${labelled
  .map(
    ({ latencyMs, bill, batchSize }) =>
      `<circle cx="${at(x(latencyMs))}" cy="${at(y(bill.total))}" r="3" fill="#2563eb"/><text x="${at(x(latencyMs) + 5)}" y="${at(y(bill.total) - 7)}" fill="#444">batch ${batchSize}</text>`,
  )
  .join('\n')}
${chosen ? `<circle cx="${at(x(chosen.latencyMs))}" cy="${at(y(chosen.bill.total))}" r="7" fill="none" stroke="#c33" stroke-width="2"/>` : ''}
</svg>
`;
}

function describe({ handlerMs, waitingShare, rate }: Workload): string {
  return `${handlerMs} ms a job, ${Math.round(waitingShare * 100)} % waiting, ${rate} jobs/s`;
}

function ticks(from: number, to: number): number[] {
  const all = Array.from({ length: 9 }, (_, i) => 10 ** i);
  return all.filter((ms) => ms >= from && ms <= to);
}

function time(ms: number): string {
  return ms >= 1_000 ? `${(ms / 1_000).toLocaleString('en-US')} s` : `${ms} ms`;
}

function at(value: number): string {
  return value.toFixed(1);
}
