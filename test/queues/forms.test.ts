import fc from 'fast-check';
import { checkAttributes } from '../../localstack/sqs/message-attributes.ts';
import { isOverflow } from '../../src/queues/forms.ts';

const plain = { dataType: 'String', stringValue: 'b' };

test.each(['AWS.x', 'aws.x', 'Amazon.x', '.a', 'a.', 'a..b', 'a b', '', 'x'.repeat(257)])(
  'a producer cannot hide the name %j in our attribute, with which SQS would refuse every copy',
  (name) => {
    expect(isOverflow({ [name]: plain })).toBe(false);
  },
);

test.each(['a', 'a.b', 'A-b_c.9', '__proto__', 'AWSx', 'x'.repeat(256)])('the name %j travels in it', (name) => {
  expect(isOverflow(Object.fromEntries([[name, plain]]))).toBe(true);
});

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('', '1', '1e9', '-.5', 'AP8=', '?'));
const odd = fc.record({
  dataType: fc.oneof(
    fc.constantFrom('String', 'Number', 'Binary', 'String.json', 'Number.int', 'Odd', 'String.', ''),
    text,
  ),
  stringValue: fc.option(text, { nil: null }),
  binaryValue: fc.option(text, { nil: null }),
});
const usual = fc.constantFrom<{ dataType: string; stringValue: string | null; binaryValue: string | null }>(
  { dataType: 'String', stringValue: 'b', binaryValue: null },
  { dataType: 'Number.int', stringValue: '1e9', binaryValue: null },
  { dataType: 'Binary', stringValue: null, binaryValue: 'AP8=' },
);
const attribute = fc.oneof(usual, odd);
const name = fc.oneof(
  fc.stringMatching(/^[\w-]{1,12}$/),
  fc.constantFrom('a', 'AWS.x', 'amazon.x', 'a.b', '.', 'a..b'),
  fc.stringMatching(/^[\w.-]{0,12}$/),
  text,
);

test('what passes as an overflow, SQS takes as the attributes of a message', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.dictionary(name, attribute, { maxKeys: 4 }), (overflow) => {
      if (!isOverflow(overflow)) return;
      taken += Object.keys(overflow).length;
      const sent = Object.entries(overflow).map(([key, { dataType, stringValue, binaryValue }]) => [
        key,
        {
          DataType: dataType,
          ...(stringValue !== null && { StringValue: stringValue }),
          ...(binaryValue !== null && { BinaryValue: binaryValue }),
        },
      ]);
      expect(() => checkAttributes(Object.fromEntries(sent))).not.toThrow();
    }),
    { numRuns: 5_000 },
  );
  expect(taken).toBeGreaterThan(100);
});
