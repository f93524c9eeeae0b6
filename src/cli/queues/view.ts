import type { Styles } from '../output/style.ts';
import { table } from '../output/table.ts';
import { grouped } from '../output/text.ts';
import { duration } from '../output/times.ts';
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

/** One line for all queues, for a log. Pure. */
export function queuesLine(reports: readonly QueueReport[]): string {
  return reports
    .map(({ name, waiting, inFlight, delayed, deadLetters }) => {
      const dead = deadLetters ? `, ${grouped(deadCount(deadLetters))} dead` : '';
      return `${name}: ${grouped(waiting)} waiting, ${grouped(inFlight)} in flight, ${grouped(delayed)} delayed${dead}`;
    })
    .join('; ');
}

const deadCount = ({ waiting, inFlight }: NonNullable<QueueReport['deadLetters']>): number => waiting + inFlight;

function ageText({ oldestAgeSeconds }: QueueReport): string {
  return oldestAgeSeconds === null ? '-' : duration(oldestAgeSeconds * 1000);
}

function deadText({ deadLetters }: QueueReport, styles: Styles): string {
  if (!deadLetters) return '-';
  const count = deadCount(deadLetters);
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
