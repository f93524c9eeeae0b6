import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Condition } from './condition.ts';
import type { LetterFilter } from './filter.ts';
import { parseWhere } from './parse-where.ts';

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What `addFilterOptions` makes of the command line. */
export interface FilterOptions {
  /** A name or URL. It selects queues, not letters, so the filter does not have it. */
  readonly queue?: string;
  readonly type?: string;
  readonly fingerprint?: string;
  readonly error?: string;
  readonly jobId?: string;
  readonly group?: string;
  /** Milliseconds. */
  readonly olderThan?: number;
  readonly newerThan?: number;
  readonly where?: readonly Condition[];
}

/** Adds the options that select dead letters. They are the same for every command. */
export function addFilterOptions(command: Command): Command {
  return command
    .option('--queue <name|url>', 'only the dead letters of this queue')
    .option('--type <type>', 'only this job type')
    .option('--fingerprint <fingerprint>', 'only this error, as `dlq list` shows it')
    .option('--error <class>', 'only this error class, also a concluded one: KilledOrTimedOut')
    .option('--job-id <id>', 'only this job')
    .option('--group <id>', 'only this message group (FIFO) or tenant (fair queue)')
    .addOption(new Option('--older-than <age>', 'only what died longer ago: 45s, 30m, 2h, 3d').argParser(parseAge))
    .addOption(new Option('--newer-than <age>', 'only what died since: 45s, 30m, 2h, 3d').argParser(parseAge))
    .addOption(
      new Option(
        '--where <condition>',
        'only bodies like this: value>10, customer.tier=gold, url~example.com; several are all to hold',
      ).argParser(collectWhere),
    );
}

/** The filter that the options stand for. */
export function filterFrom(options: FilterOptions): LetterFilter {
  const { type, fingerprint, error, jobId, group, olderThan, newerThan, where } = options;
  return { type, fingerprint, errorClass: error, jobId, group, olderThanMs: olderThan, newerThanMs: newerThan, where };
}

/** Milliseconds. @throws InvalidArgumentError */
export function parseAge(text: string): number {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('Write a number and a unit: 45s, 30m, 2h, 3d.');
  return Number(count) * (UNITS_MS[unit] as number);
}

function collectWhere(text: string, earlier: readonly Condition[] = []): readonly Condition[] {
  try {
    return [...earlier, parseWhere(text)];
  } catch (error) {
    throw new InvalidArgumentError(`\n${(error as Error).message}`);
  }
}
