import { type Command, InvalidArgumentError, Option } from 'commander';
import { isOpen } from '../../dead-letters/selecting/filter.ts';
import {
  addFilterOptions,
  type FilterOptions,
  filterFrom,
  parseAge,
} from '../../dead-letters/selecting/filter-options.ts';
import { UsageError } from '../../ending/exit.ts';

/** The command line of `dlq redrive`. Ages in milliseconds, times in seconds. */
export interface RedriveFlags extends FilterOptions {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly includeInvalid?: true;
  readonly allowReorder?: true;
  readonly maxAge?: number;
  readonly rate?: number;
  readonly limit?: number;
  readonly max?: number;
  readonly to?: string;
  readonly verify?: true;
  readonly timeout: number;
  readonly visibility?: number;
  readonly native?: true;
}

const DEFAULT_TIMEOUT = 300;
/** SQS's limits for visibility timeouts [SQS quotas] and for move tasks [API reference]. */
const MAX_VISIBILITY = 43_200;
const MAX_NATIVE_RATE = 500;

export function addRedriveOptions(command: Command): Command {
  return addFilterOptions(command)
    .option('--dry-run', 'print the plan and change nothing')
    .option('--yes', 'apply the plan without asking')
    .option('--include-invalid', "send back also what today's code would refuse")
    .option('--allow-reorder', 'send back also where the order of a FIFO group may suffer')
    .addOption(
      new Option('--max-age <age>', 'keep what is older, first failure on: 45s, 30m, 2h, 3d').argParser(parseAge),
    )
    .addOption(new Option('--rate <n>', 'letters a second, at most').argParser(wholeNumber()))
    .addOption(new Option('--limit <n>', 'a canary: n first, the rest only if all n pass').argParser(wholeNumber()))
    .addOption(new Option('--max <n>', 'letters to send back, at most').argParser(wholeNumber()))
    .option('--to <queue>', 'another destination, by name or URL')
    .option('--verify', 'wait until what was sent is done, or dead again')
    .addOption(
      new Option('--timeout <seconds>', 'with --verify and --limit: give up after so long without news')
        .argParser(wholeNumber())
        .default(DEFAULT_TIMEOUT),
    )
    .addOption(
      new Option('--visibility <seconds>', 'how long letters stay hidden should this be killed').argParser(
        wholeNumber(MAX_VISIBILITY),
      ),
    )
    .option('--native', "SQS's own StartMessageMoveTask: everything, without a plan for each letter");
}

/** @throws UsageError where options do not go together */
export function checkFlags(flags: RedriveFlags): void {
  if (flags.dryRun && flags.yes) throw new UsageError('--dry-run and --yes contradict each other: leave one out');
  if (!flags.native) return;
  const { includeInvalid, allowReorder, maxAge, limit, max, verify, visibility } = flags;
  const unmet = Object.entries({
    'a filter': isOpen(filterFrom(flags)) ? undefined : true,
    '--include-invalid': includeInvalid,
    '--allow-reorder': allowReorder,
    '--max-age': maxAge,
    '--limit': limit,
    '--max': max,
    '--verify': verify,
    '--visibility': visibility,
  }).find(([, value]) => value !== undefined);
  if (unmet) {
    throw new UsageError(
      `--native moves every letter as it is, so it cannot honour ${unmet[0]}: leave that out, or --native`,
    );
  }
  if ((flags.rate ?? 0) > MAX_NATIVE_RATE) {
    throw new UsageError(`--native moves at most ${MAX_NATIVE_RATE} letters a second: pass a lower --rate`);
  }
}

function wholeNumber(most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(
      most < Number.MAX_SAFE_INTEGER ? `Write 1 to ${most}.` : 'Write a whole number from 1.',
    );
  };
}
