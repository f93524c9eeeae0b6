import type { Styles } from '../../output/style.ts';
import { table } from '../../output/table.ts';
import { grouped } from '../../output/text.ts';
import { duration } from '../../output/times.ts';
import { deadCount } from '../../stage/depth.ts';
import type { Consumer, QueueReport } from './report.ts';

/** Pure. */
export function queuesTable(reports: readonly QueueReport[], styles: Styles): string {
  const rows = reports.map((report) => [
    report.name,
    grouped(report.waiting),
    grouped(report.inFlight),
    grouped(report.delayed),
    ageText(report),
    deadText(report, styles),
    consumerText(report.consumers, styles),
  ]);
  return table(
    [
      { head: 'queue', shrinksTo: 12 },
      { head: 'waiting', align: 'right' },
      { head: 'in flight', align: 'right' },
      { head: 'delayed', align: 'right' },
      { head: 'oldest', align: 'right' },
      { head: 'dead', align: 'right' },
      { head: 'consumer', shrinksTo: 8 },
    ],
    rows,
  );
}

function ageText({ oldestAgeSeconds }: QueueReport): string {
  return oldestAgeSeconds === null ? '-' : duration(oldestAgeSeconds * 1000);
}

function deadText(report: QueueReport, styles: Styles): string {
  if (!report.deadLetters) return '-';
  const count = deadCount(report);
  return count > 0 ? styles.bad(grouped(count)) : '0';
}

function consumerText(consumers: readonly Consumer[], styles: Styles): string {
  if (consumers.length === 0) return 'none';
  return consumers
    .map(({ state, batchSize, maximumConcurrency }) => {
      const shown = state.toLowerCase();
      const styled = state === 'Enabled' ? styles.good(shown) : styles.bad(shown);
      return `${styled}, batch ${batchSize ?? '?'}${maximumConcurrency === null ? '' : ` x ${maximumConcurrency}`}`;
    })
    .join('; ');
}
