const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether lists and objects are nested more than `levels` deep, in a text that may be JSON. It reads each character
 * once and does not recurse. So it can run before any code that parses or walks the text.
 */
export function nestsDeeperThan(text: string, levels: number): boolean {
  // Each level has an opening and a closing bracket, so a text this short cannot be deeper.
  if (text.length <= 2 * levels) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        if (depth > levels) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
    }
  }
  return false;
}

/** The index of the quote that ends the string beginning at `start`; the text's length where none does. */
function endOfString(text: string, start: number): number {
  for (let quote = start; ; ) {
    quote = text.indexOf('"', quote + 1);
    if (quote < 0) return text.length;
    let backslashes = 0;
    // Each run of backslashes is read only once, because the next search starts after the quote that follows it.
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote;
  }
}

/** One token of JSON. No quantifier can give back characters for another to take, so matching takes linear time. */
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON allows none in a string
  /(?:([[\]{}:,])|("[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\x00-\x1f]*)*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

/** What may come next. `firstValue` and `firstKey`: the list or object may also end here. */
type Expected = 'value' | 'firstValue' | 'key' | 'firstKey' | 'colon' | 'commaOrEnd';

/**
 * Where a text stops being JSON, as a number of characters from its start. JSON.parse says it for some errors only. For
 * the others it quotes a piece of the text, which may be a secret.
 *
 * @returns the index of the first token that is not allowed there; the text's length where something is missing at its
 *   end, such as the end of a string
 */
export function endOfJson(text: string): number {
  const open: string[] = [];
  let expected: Expected | 'nothing' = 'value';
  for (TOKEN.lastIndex = 0; ; ) {
    const from = skipSpace(text, TOKEN.lastIndex);
    TOKEN.lastIndex = from;
    const token = TOKEN.exec(text);
    if (!token) return after(expected, 'string', open) && neverEnds(text, from) ? text.length : from;
    const [, mark, string] = token;
    const next = after(expected, mark ?? (string === undefined ? 'scalar' : 'string'), open);
    if (!next) return from;
    expected = next;
  }
}

/** Whether a string begins here that never ends. */
function neverEnds(text: string, start: number): boolean {
  return text.charCodeAt(start) === QUOTE && endOfString(text, start) === text.length;
}

function skipSpace(text: string, from: number): number {
  for (let i = from; ; i++) {
    const code = text.charCodeAt(i);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return i;
  }
}

/**
 * What may follow the token, or undefined where the token is not allowed. Updates `open`, the lists and objects that
 * are not closed yet.
 */
function after(expected: Expected | 'nothing', token: string, open: string[]): Expected | 'nothing' | undefined {
  switch (token) {
    case '[':
    case '{':
      if (expected !== 'value' && expected !== 'firstValue') return undefined;
      open.push(token);
      return token === '[' ? 'firstValue' : 'firstKey';
    case ']':
    case '}': {
      const first = token === ']' ? 'firstValue' : 'firstKey';
      if (expected !== first && expected !== 'commaOrEnd') return undefined;
      if (open.pop() !== (token === ']' ? '[' : '{')) return undefined;
      return open.length === 0 ? 'nothing' : 'commaOrEnd';
    }
    case ',':
      if (expected !== 'commaOrEnd') return undefined;
      return open.at(-1) === '[' ? 'value' : 'key';
    case ':':
      return expected === 'colon' ? 'value' : undefined;
    case 'string':
      if (expected === 'key' || expected === 'firstKey') return 'colon';
      break;
  }
  if (expected !== 'value' && expected !== 'firstValue') return undefined;
  return open.length === 0 ? 'nothing' : 'commaOrEnd';
}
