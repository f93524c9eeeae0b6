import { shellCommand } from '../../output/shell.ts';

/** Options of the whole program that take a value: what another command needs to work on the same stage. */
const GLOBALS = /^--(stage|region|profile)(=|$)/;

/**
 * Pure. The command line that was given, once more, to be copied.
 *
 * @param argv without `node` and the script
 */
export function again(argv: readonly string[], { without, and }: { without: readonly string[]; and: string }): string {
  const kept = argv.filter((argument) => !without.includes(argument) && argument !== and);
  return shellCommand(['npx', 'sluice', ...kept, and]) ?? `the same command with ${and}`;
}

/** Pure. Another command on the same stage: `next(argv, ['dlq', 'list'])`. */
export function next(argv: readonly string[], command: readonly string[]): string {
  const where = argv.flatMap((argument, i) => {
    if (!GLOBALS.test(argument)) return [];
    return argument.includes('=') ? [argument] : [argument, argv[i + 1] ?? ''];
  });
  const words = ['npx', 'sluice', ...command];
  return shellCommand([...words, ...where]) ?? words.join(' ');
}
