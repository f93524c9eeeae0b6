import fc from 'fast-check';
import { type Line, linesOf } from '../../../../operator/commands/send/lines.ts';

async function collect(chunks: Iterable<Uint8Array>): Promise<Line[]> {
  const lines: Line[] = [];
  async function* stream() {
    yield* chunks;
  }
  for await (const line of linesOf(stream())) lines.push(line);
  return lines;
}

test('lines are the same however the stream is cut, numbered as an editor would', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', ' ', 'ä', '\u2028', '😀'), maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 7 }), async (whole, size) => {
      const bytes = Buffer.from(whole);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const expected = whole.split('\n').map((line, i) => ({ number: i + 1, text: line }));
      expect(await collect(chunks)).toEqual(expected.filter((line) => line.text.trim() !== ''));
    }),
  );
});

test('a line end of Windows is no part of the line', async () => {
  expect(await collect([Buffer.from('a\r\nb\r\n')])).toEqual([
    { number: 1, text: 'a' },
    { number: 2, text: 'b' },
  ]);
});
