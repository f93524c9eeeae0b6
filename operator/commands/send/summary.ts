import { shellCommand } from '../../output/shell.ts';
import { counted, grouped, shorten } from '../../output/text.ts';
import { MAX_COLUMNS } from '../../output/width.ts';
import { type Delivery, refusedCount } from './deliver.ts';
import type { Destination } from './destination.ts';
import type { InvalidLines } from './invalid-lines.ts';

const MOST_SHOWN = 20;

/** What became of everything that was to be sent. */
export interface Summary {
  readonly destination: Pick<Destination, 'kind' | 'name' | 'address'>;
  readonly delivery: Delivery;
  readonly invalid: InvalidLines;
  readonly ms: number;
  /** Whether it stopped before everything was read: at an invalid line, by Ctrl-C, or for `--dry-run`. */
  readonly stopped: 'invalid' | 'interrupted' | 'dry run' | undefined;
  /** Lines that could have been sent, where none was. */
  readonly valid: number;
}

/** What `--json` prints. Pure. */
export function summaryJson({ destination, delivery, invalid, ms, stopped, valid }: Summary): object {
  const { kind, name, address } = destination;
  return {
    ...(kind === 'queue' ? { queue: name, url: address } : { topic: name, arn: address }),
    sent: delivery.sent,
    refused: refusedCount(delivery),
    invalid: invalid.count,
    valid,
    stopped: stopped ?? null,
    durationMs: Math.round(ms),
    refusals: [...delivery.refused].map(([answer, count]) => ({ answer, count })),
    invalidLines: invalid.first,
  };
}

/** For a person. Pure. */
export function summaryText(summary: Summary): string {
  const { destination, delivery, invalid, ms, stopped, valid } = summary;
  const { kind, name } = destination;
  const place = kind === 'queue' ? name : `the topic ${name}`;
  const refused = [...delivery.refused].map(([answer, count]) =>
    shorten(`  ${grouped(count)} refused by ${kind === 'queue' ? 'SQS' : 'SNS'}: ${answer}`, MAX_COLUMNS),
  );
  if (stopped === 'dry run') {
    return `${counted(valid, 'message')} would go to ${place}, ${grouped(invalid.count)} invalid. Nothing was sent.\n`;
  }
  if (stopped === 'invalid' && delivery.sent === 0) {
    return `Nothing was sent: ${counted(invalid.count, 'line')} invalid. Correct them, or add --skip-invalid.\n`;
  }
  const lines = [
    `${stopped === 'interrupted' ? 'Interrupted: sent' : 'Sent'} ${counted(delivery.sent, 'message')} to ${place} in ${(ms / 1000).toFixed(1)} s.`,
    ...refused,
    ...(invalid.count > 0 && stopped !== 'invalid' ? [`  ${counted(invalid.count, 'line')} skipped as invalid`] : []),
    ...(stopped === 'invalid' ? ['Stopped at the first invalid line. Jobs that are sent again run once.'] : []),
    nextCommand(delivery),
  ];
  return `${lines.join('\n')}\n`;
}

function nextCommand({ sent, last }: Delivery): string {
  const isShort = sent === 1 && last?.key !== undefined && /^\w.{0,60}$/.test(last.key);
  const job = isShort ? shellCommand(['npx', 'sluice', 'job', last?.key ?? '']) : undefined;
  return `Next: ${job ?? 'npx sluice queues --watch'}`;
}

/** Where the invalid lines are and what is wrong with them; the first twenty. Pure. */
export function invalidText(name: string, { first, count }: InvalidLines): string {
  const shown = first.slice(0, MOST_SHOWN);
  const lines = shown.map(({ line, problem }) => shorten(`${name}:${line}: ${problem}`, 2 * MAX_COLUMNS));
  if (count > shown.length) lines.push(`and ${counted(count - shown.length, 'more line')}`);
  return lines.map((line) => `${line}\n`).join('');
}
