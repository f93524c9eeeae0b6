import { MAX_BYTES } from '../../src/queues/attributes.ts';

/** 1 MiB of each kind of text that has brought a reader down: deep, wide, escaped, never ended, or made for back-tracking. */
export const SHAPES: Readonly<Record<string, string>> = {
  'one letter': 'x'.repeat(MAX_BYTES),
  spaces: ' '.repeat(MAX_BYTES),
  'line breaks': '\n'.repeat(MAX_BYTES),
  'escape sequences': '\u001b[31m'.repeat(MAX_BYTES / 5),
  'C1 controls': '\u009b'.repeat(MAX_BYTES / 2),
  'bidirectional overrides': '\u202e'.repeat(Math.floor(MAX_BYTES / 3)),
  'lone surrogates': '\ud800'.repeat(Math.floor(MAX_BYTES / 3)),
  emoji: '💥'.repeat(MAX_BYTES / 4),
  'words with digits': 'a-1 '.repeat(MAX_BYTES / 4),
  'quotes that never end': `x" a${'-a'.repeat(MAX_BYTES / 2 - 2)}`,
  backslashes: '\\'.repeat(MAX_BYTES),
  'escaped quotes': `"${'\\"'.repeat(MAX_BYTES / 2 - 1)}`,
  'lists in lists, never closed': '['.repeat(MAX_BYTES),
  'lists in lists': '['.repeat(MAX_BYTES / 2) + ']'.repeat(MAX_BYTES / 2),
  'objects in objects': '{"a":'.repeat(Math.floor(MAX_BYTES / 5)),
  'many empty objects': `[${'{},'.repeat(Math.floor(MAX_BYTES / 3) - 2)}{}]`,
  'many keys': `{${Array.from({ length: 90_000 }, (_, i) => `"k${i}":1`).join(',')}}`,
  'NUL escapes': `"${'\\u0000'.repeat(MAX_BYTES / 6 - 2)}"`,
  'a shell command': '$(touch canary);'.repeat(MAX_BYTES / 16),
};

/** Milliseconds of CPU that it takes, at best of three: another process may have the CPU in between, and the first compiles. */
function bestOfThree(work: () => unknown): number {
  const times = [1, 2, 3].map(() => {
    const started = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1_000;
  });
  return Math.min(...times);
}

/**
 * Eight times the text may cost eight times as much, and garbage on top; where it is looked at again and again, 64 times. The
 * short one may also be cheaper by more than its length.
 */
export const MOST_GROWTH = 45;
/** Below this the clock of the CPU says nothing; milliseconds. */
const LEAST_MS = 0.5;

/**
 * How many times more a whole text costs than an eighth of it. Growth and not a time: nobody knows how busy the machine is.
 *
 * @param prepare makes what is looked at of a text, and is not measured
 */
export function growth<Looked>(
  text: string,
  look: (looked: Looked) => unknown,
  prepare: (text: string) => Looked,
): number {
  const [long, short] = [prepare(text), prepare(text.slice(0, text.length / 8))];
  return (
    bestOfThree(() => look(long)) /
    Math.max(
      LEAST_MS,
      bestOfThree(() => look(short)),
    )
  );
}
