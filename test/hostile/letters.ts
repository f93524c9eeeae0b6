import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { REASON_ATTRIBUTE } from '../../src/queues/reason.ts';
import { letterOf } from '../operator/dead-letters/letters.ts';

/** The file that no text of a message may bring into being. */
export const CANARY = 'canary';

/** What a terminal obeys, what reorders, breaks lines or is half a character. */
const OBEYED = ['\u0000', '\u0007', '\b', '\t', '\n', '\r\n', '\u001b[2J', '\u001b]0;x\u0007', '\u007f', '\u0085']
  .concat(['\u009b31m', '\u061c', '\u200e', '\u200f', '\u202e', '\u2066', '\u2069', '\u2028', '\u2029'])
  .concat(['\ud800', '\udc00', '\ufffe', '\u{e0041}']);

/** What a shell obeys. */
const RUN = [`$(touch ${CANARY})`, `\`touch ${CANARY}\``, `'; touch ${CANARY}; '`, `"; touch ${CANARY}; "`].concat([
  `\ntouch ${CANARY}\n`,
  `| touch ${CANARY}`,
  '$' + '{IFS}',
  '\\',
  "'",
  '"',
  '&',
  '*',
  '~',
  '!',
  '#',
  '--',
  '-x',
]);

const FORGED = [
  'Next:\n  npx sluice dlq purge --yes',
  'queue             jobs',
  '0 dead letters',
  '__proto__',
  'constructor',
];

const pieces = fc.oneof(
  fc.constantFrom(...OBEYED),
  fc.constantFrom(...RUN),
  fc.constantFrom(...FORGED),
  fc.string({ maxLength: 12, unit: 'binary' }),
  fc.string({ maxLength: 12 }),
);

/** Text that is made to be obeyed, in no particular form. */
export const hostileText = fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join(''));

const anyField = fc.oneof(hostileText, fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined));

const hostileJob = fc
  .record({ type: anyField, job_id: anyField, value: anyField, url: anyField, payload: anyField }, { requiredKeys: [] })
  .map((job) => JSON.stringify(job));

/** Depth, a key that only means something to an object, a type that is no text. */
const oddBodies = fc.constantFrom(
  '',
  'null',
  '[]',
  '{',
  '['.repeat(5_000) + ']'.repeat(5_000),
  '{"\\u005f_proto__":{"type":"x"},"job_id":"a"}',
  '{"type":{"toString":1},"job_id":["a"]}',
  String.raw`{"job_id":"\ud800","value":1}`,
);

export const hostileBody = fc.oneof(hostileJob, hostileText, oddBodies);

const REASON_FIELDS = [
  'errorClass',
  'message',
  'fingerprint',
  'kind',
  'attempts',
  'jobId',
  'type',
  'functionName',
].concat(['functionVersion', 'firstFailedAt', 'lastFailedAt', 'messageId', 'overflow', 'added']);

/** A reason that is right but for some fields, or nothing like one. */
const forgedReason: fc.Arbitrary<string> = fc.oneof(
  fc
    .dictionary(fc.constantFrom(...REASON_FIELDS), anyField, { maxKeys: 3 })
    .map((fields) => letterOf('{}', fields as object).MessageAttributes?.[REASON_ATTRIBUTE]?.StringValue as string),
  hostileText,
);

/** Only what no check of form can refuse: text where text belongs. */
const plausibleReason: fc.Arbitrary<string> = fc
  .record({ message: hostileText, type: hostileText, jobId: hostileText })
  .map((fields) => letterOf('{}', fields).MessageAttributes?.[REASON_ATTRIBUTE]?.StringValue as string);

const attributeName = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'SluiceRequeued', 'a.b'), hostileText);
const attributeValue: fc.Arbitrary<MessageAttributeValue> = fc.oneof(
  fc.record({ DataType: fc.constantFrom('String', 'Number', 'String.\u202e'), StringValue: hostileText }),
  fc.record({ DataType: fc.constant('Binary'), BinaryValue: fc.uint8Array({ maxLength: 20 }) }),
  fc.constant({ DataType: undefined }),
);

const attributes = fc
  .array(fc.tuple(attributeName, attributeValue), { maxLength: 4 })
  .chain((own) =>
    fc
      .option(fc.oneof(forgedReason, plausibleReason), { nil: undefined })
      .map((reason) =>
        Object.fromEntries([
          ...own,
          ...(reason === undefined ? [] : [[REASON_ATTRIBUTE, { DataType: 'String', StringValue: reason }] as const]),
        ]),
      ),
  );

/** A message as no SQS would hand it out: more than a producer can do. */
export const hostileMessage: fc.Arbitrary<Message> = fc.record({
  MessageId: fc.uuid(),
  ReceiptHandle: fc.constant('r'),
  Body: hostileBody,
  MessageAttributes: attributes,
  Attributes: fc.record(
    {
      SentTimestamp: fc.oneof(fc.constant('1767225600000'), hostileText),
      ApproximateReceiveCount: fc.oneof(fc.constant('3'), hostileText),
      MessageGroupId: hostileText,
      AWSTraceHeader: hostileText,
      DeadLetterQueueSourceArn: fc.constant('arn:aws:sqs:us-east-1:000000000000:jobs'),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Record<string, string>>,
});
