/** One line of a text, numbered from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/**
 * The lines of a stream of UTF-8, without their ends and without those that are blank; holds one chunk and one line.
 * Only `\n` ends a line: readline also takes U+2028, which JSON allows inside of a string.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Line> {
  const decoder = new TextDecoder();
  let number = 0;
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })).split('\n');
    parts[0] = rest + parts[0];
    rest = parts.pop() as string;
    for (const part of parts) {
      number += 1;
      yield* unlessBlank(number, part);
    }
  }
  yield* unlessBlank(number + 1, rest + decoder.decode());
}

function* unlessBlank(number: number, part: string): Generator<Line> {
  const text = part.endsWith('\r') ? part.slice(0, -1) : part;
  if (text.trim() !== '') yield { number, text };
}
