/** Options of the whole program that take a value: what another command needs to work on the same stage. */
const GLOBALS = /^--(stage|region|profile)(=|$)/;

/**
 * Pure. The command line that was given, once more, to be copied.
 *
 * @param argv without `node` and the script
 */
export function again(argv: readonly string[], { without, and }: { without: readonly string[]; and: string }): string {
  const kept = argv.filter((argument) => !without.includes(argument) && argument !== and);
  return ['npx sluice', ...kept.map(quoted), and].join(' ');
}

/** Pure. Another command on the same stage: `next(argv, 'dlq list')`. */
export function next(argv: readonly string[], command: string): string {
  const where = argv.flatMap((argument, i) => {
    if (!GLOBALS.test(argument)) return [];
    return argument.includes('=') ? [argument] : [argument, argv[i + 1] ?? ''];
  });
  return ['npx sluice', command, ...where.map(quoted)].join(' ');
}

/** As a POSIX shell reads it. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
