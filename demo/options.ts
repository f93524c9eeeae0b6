import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { FEWEST_JOBS } from './mix.ts';
import { PATTERNS, type PatternName } from './patterns/patterns.ts';

export interface Options {
  /** Messages to send. */
  readonly jobs: number;
  readonly seed: number;
  /** Without it, the queue `jobs` is shown. */
  readonly pattern?: PatternName;
  /** The file that the account is written to, as JSON. */
  readonly json?: string;
}

const MOST_JOBS = 1_000_000;
const JOBS = 2_000;
/** A pattern's messages do more: an order goes to three functions. */
const JOBS_OF_PATTERN = 300;

/** Reads the command line. `--help` and bad values end the process, with 0 and 2. */
export function readOptions(argv: readonly string[]): Options {
  const { jobs, ...options } = new Command('npm run demo --')
    .description('Sends a mix of good and bad messages through the whole service and accounts for every one.')
    .option(
      '--jobs <n>',
      `messages to send (default: ${JOBS}, of a pattern ${JOBS_OF_PATTERN})`,
      wholeNumber(FEWEST_JOBS, MOST_JOBS),
    )
    .addOption(
      new Option('--pattern <name>', 'show another pattern of docs/patterns.md').choices(Object.keys(PATTERNS)),
    )
    .option('--seed <s>', 'the same seed makes the same mix', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--json <file>', 'write the account and the timings there', fileInFolder)
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv, { from: 'user' })
    .opts<Partial<Options> & { seed: number }>();
  return { ...options, jobs: jobs ?? (options.pattern ? JOBS_OF_PATTERN : JOBS) };
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Checked at the start, so that half a minute of work does not end with a file that cannot be written. */
function fileInFolder(file: string): string {
  if (existsSync(dirname(file))) return file;
  throw new InvalidArgumentError(`There is no folder ${dirname(file)}.`);
}
