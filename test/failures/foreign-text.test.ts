import fc from 'fast-check';
import { legible, quoted } from '../../src/failures/foreign-text.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 300 }).chain((text) =>
  // Half a surrogate pair, and what a terminal obeys, anywhere in it.
  fc
    .tuple(fc.constantFrom('', '\ud800', '\udc00', '\u001b[31m', '\u009b', '\u202e', '\u2028', '\n', '\0'), fc.nat(300))
    .map(([hostile, at]) => text.slice(0, at) + hostile + text.slice(at)),
);

test('an ordinary text is repeated as it is', () => {
  expect(legible('Grüße, 世界 😀\n\tok', 100)).toBe('Grüße, 世界 😀\n\tok');
  expect(quoted('triple')).toBe('"triple"');
});

test('a long text is cut, and its length is said', () => {
  expect(quoted('x'.repeat(540_000))).toBe(`"${'x'.repeat(100)}…" (540000 characters)`);
  const cut = legible('y'.repeat(1_048_576), 60);
  expect(cut).toMatch(/^y+… \(1048576 characters\)$/);
  expect(cut).toHaveLength(60);
});

test('a cut through a pair of surrogates leaves no half of it', () => {
  expect(quoted(`${'x'.repeat(99)}😀😀`).isWellFormed()).toBe(true);
});

test('whatever the text is, what is left of it is bounded, well-formed, and nothing that a terminal obeys', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 40, max: 200 }), (text, max) => {
      for (const safe of [legible(text, max), quoted(text)]) {
        expect(safe.isWellFormed()).toBe(true);
        expect(safe).not.toMatch(/(?![\t\r\n])\p{Cc}|[\u2028-\u202e\u2066-\u2069\ufffe\uffff]/u);
      }
      expect(legible(text, max).length).toBeLessThanOrEqual(max);
      expect(quoted(text).length).toBeLessThan(140);
      expect(quoted(text)).not.toMatch(/[\t\r\n]/);
    }),
  );
});
