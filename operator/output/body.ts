import { escapedJson, oneLine } from './printable.ts';
import { grouped } from './text.ts';

/** A terminal shows a body's beginning; `--json` has all of it. */
const MOST_CHARACTERS = 20_000;
/** Deeper JSON is not indented: it would be mostly blanks. */
const MOST_LEVELS = 20;

const LINE_ENDS = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
const INDENT = '  ';

/**
 * A body for people. JSON is indented; anything else is shown as it is. Each line has a margin, so that no line of a
 * message looks like one of ours.
 */
export function bodyText(body: string): string {
  const shown = body.slice(0, MOST_CHARACTERS);
  const lines = (pretty(body) ?? shown).split(LINE_ENDS).map((line) => INDENT + oneLine(line, MOST_CHARACTERS));
  if (shown.length < body.length) lines.push(`${INDENT}… (${grouped(body.length)} characters; all of it with --json)`);
  return lines.join('\n');
}

function pretty(body: string): string | undefined {
  if (body.length > MOST_CHARACTERS || levelsOf(body) > MOST_LEVELS) return undefined;
  try {
    return escapedJson(JSON.stringify(JSON.parse(body), undefined, 2));
  } catch {
    return undefined;
  }
}

/** An upper bound: brackets in strings count too. */
function levelsOf(text: string): number {
  let level = 0;
  let most = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    level += bracket === '{' || bracket === '[' ? 1 : -1;
    most = Math.max(most, level);
  }
  return most;
}
