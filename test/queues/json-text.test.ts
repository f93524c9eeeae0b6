import fc from 'fast-check';
import { endOfJson, nestsDeeperThan } from '../../src/queues/json-text.ts';

describe('nestsDeeperThan', () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

  test('says of any JSON what a walk through the value says', () => {
    const json = fc.jsonValue({ maxDepth: 6 }).map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(json, fc.integer({ min: 0, max: 6 }), (text, levels) => {
        expect(nestsDeeperThan(text, levels)).toBe(depthOf(JSON.parse(text)) > levels);
      }),
    );
  });

  test.each<[string, string, boolean]>([
    ['brackets in a string', `{"a":"${'['.repeat(500)}"}`, false],
    ['brackets in a string behind an escaped quote', `{"a":"\\"${'['.repeat(500)}"}`, false],
    [
      'brackets behind a string that ends in a backslash',
      `{"a":"\\\\","b":${'['.repeat(128)}${']'.repeat(128)}}`,
      true,
    ],
    ['exactly as many', '['.repeat(128) + ']'.repeat(128), false],
    ['one more', '['.repeat(129) + ']'.repeat(129), true],
    ['many beside each other', `[${'{},'.repeat(10_000)}{}]`, false],
    ['half a million that nobody closes', '{"a":'.repeat(500_000), true],
  ])('%s', (_name, text, expected) => {
    expect(nestsDeeperThan(text, 128)).toBe(expected);
  });
});

describe('endOfJson', () => {
  test.each<[string, number]>([
    ['', 0],
    ['{"secret": sk_live_abc}', 11],
    ['{"a": 1', 7],
    ['{"a": 1} x', 9],
    ['{"a" 1}', 5],
    ['{"a": 1,}', 8],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[1}', 2],
    ['{1: 2}', 1],
    ['"unterminated', 13],
    ['{"a": "b\\"', 10],
    ['"bad \\q escape"', 0],
    ['01', 1],
    ["{'a': 1}", 1],
    ['\ufeff{}', 0],
  ])('%j stops being JSON at character %d', (text, position) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(endOfJson(text)).toBe(position);
  });

  test('lies within the text, behind nothing that is wrong: what stands before can still become JSON', () => {
    const mutated = fc
      .tuple(fc.json(), fc.nat(200), fc.constantFrom('', 'x', '"', '{', ']', ',', ':', '\\', '\n', '1', '\ud800'))
      .map(([text, at, put]) => text.slice(0, at) + put + text.slice(at + 1));
    fc.assert(
      fc.property(mutated, (text) => {
        try {
          JSON.parse(text);
        } catch (error) {
          const position = endOfJson(text);
          expect(position).toBeLessThanOrEqual(text.length);
          // Where the engine says a position, it lies within the token that begins at ours.
          const said = /position (\d+)/.exec((error as Error).message)?.[1];
          if (said !== undefined && position < text.length) expect(position).toBeLessThanOrEqual(Number(said));
          try {
            JSON.parse(text.slice(0, position));
          } catch (prefixError) {
            expect((prefixError as Error).message).toMatch(
              /end of JSON|Unterminated|Expected|No number after minus|control character|escape/,
            );
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
