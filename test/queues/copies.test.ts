import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { MAX_BYTES, messageBytes } from '../../src/queues/attributes.ts';
import { deadLetterCopy, requeuedCopy } from '../../src/queues/copies.ts';
import { type DeadLetterReason, REASON_ATTRIBUTE, readReason, reasonFor } from '../../src/queues/reason.ts';
import { REQUEUED_ATTRIBUTE, readRequeued } from '../../src/queues/requeued.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const WORKER = { functionName: 'f', functionVersion: '3' };
const FAILURE = { kind: 'transient' as const, errorClass: 'TransientError', message: 'down' };

function record(
  body: string,
  messageAttributes: SQSRecord['messageAttributes'] = {},
  attributes: object = {},
): SQSRecord {
  const system = {
    ApproximateReceiveCount: '1',
    ApproximateFirstReceiveTimestamp: String(NOW - 60_000),
    ...attributes,
  };
  return { messageId: 'm-1', receiptHandle: 'r', body, messageAttributes, attributes: system } as unknown as SQSRecord;
}

const string = (stringValue: string) =>
  ({ dataType: 'String' as const, stringValue, stringListValues: [], binaryListValues: [] }) as never;

function reason(of: SQSRecord, failure = FAILURE): DeadLetterReason {
  return reasonFor({ record: of, receiveCount: 2, type: 'triple', job: { job_id: 'a' } }, failure, 2, WORKER, NOW);
}

describe('the reason', () => {
  test('says who failed, how, how often, since when, and under which version', () => {
    expect(reason(record('{}'))).toEqual({
      errorClass: 'TransientError',
      message: 'down',
      fingerprint: expect.stringMatching(/^[\w-]{12}$/),
      kind: 'transient',
      attempts: 2,
      jobId: 'a',
      type: 'triple',
      functionName: 'f',
      functionVersion: '3',
      firstFailedAt: '2025-12-31T23:59:00.000Z',
      lastFailedAt: '2026-01-01T00:00:00.000Z',
      messageId: 'm-1',
    });
  });

  test('goes on from the one that the message brought back from an earlier redrive', () => {
    const earlier = { ...reason(record('{}')), attempts: 5, firstFailedAt: '2025-06-01T00:00:00.000Z' };
    const redriven = record('{}', { [REASON_ATTRIBUTE]: string(JSON.stringify(earlier)) });
    expect(reason(redriven)).toMatchObject({ attempts: 7, firstFailedAt: earlier.firstFailedAt });
  });

  test.each(['1e300', '-5', 'soon', '', String(NOW + 1)])('takes no first failure from a first receive at %j', (at) => {
    const odd = record('{}', {}, { ApproximateFirstReceiveTimestamp: at });
    expect(reason(odd).firstFailedAt).toBe('2026-01-01T00:00:00.000Z');
  });

  test('is cut, with the length said, and holds nothing that a terminal obeys', () => {
    const { message } = reason(record('{}'), { ...FAILURE, message: `\u001b[31m${'x'.repeat(1_048_576)}` });
    expect(message).toMatch(/^\ufffd\[31mx+… \(1048581 characters\)$/);
    expect(message).toHaveLength(1_000);
  });

  test('holds an id that is cut through a pair of surrogates as well-formed text', () => {
    const job = { job_id: `${'x'.repeat(999)}😀` };
    const { jobId } = reasonFor(
      { record: record('{}'), receiveCount: 1, type: 'triple', job },
      FAILURE,
      1,
      WORKER,
      NOW,
    );
    expect(jobId).toBe(`${'x'.repeat(999)}\ufffd`);
  });

  test('reads from no attribute but its own', () => {
    for (const text of [undefined, '', 'x', 'null', '[]', '{"a":1}']) expect(readReason(text)).toBeUndefined();
  });
});

describe('the dead letter', () => {
  test('whatever the message holds, the copy is one that SQS takes, or there is none', () => {
    const attribute = fc.record({
      name: fc.stringMatching(/^[a-z]{1,20}$/),
      size: fc.integer({ min: 1, max: 150_000 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: MAX_BYTES }),
        fc.uniqueArray(attribute, { maxLength: 10, selector: ({ name }) => name }),
        fc.string({ maxLength: 2_000, unit: 'binary' }),
        (bodyBytes, attributes, message) => {
          const values = Object.fromEntries(attributes.map(({ name, size }) => [name, string('v'.repeat(size))]));
          const of = record('b'.repeat(bodyBytes), values);
          const copy = deadLetterCopy(of, reason(of, { ...FAILURE, message }));
          if (!copy) {
            expect(bodyBytes).toBeGreaterThan(MAX_BYTES - 3_000);
            return;
          }
          expect(copy.MessageBody).toBe(of.body);
          expect(Object.keys(copy.MessageAttributes ?? {}).length).toBeLessThanOrEqual(10);
          expect(messageBytes(copy.MessageBody, copy.MessageAttributes ?? {})).toBeLessThanOrEqual(MAX_BYTES);
          const text = copy.MessageAttributes?.[REASON_ATTRIBUTE]?.StringValue ?? '';
          expect(text.isWellFormed()).toBe(true);
          // JSON escapes control characters; these two it leaves alone.
          expect(text).not.toMatch(/[\ufffe\uffff]/);
          expect(readReason(text)?.errorClass).toBe('TransientError');
        },
      ),
    );
  });

  test('keeps the trace and the tenant of a fair queue', () => {
    const of = record('{}', {}, { AWSTraceHeader: 'Root=1-2-3', MessageGroupId: 'tenant' });
    expect(deadLetterCopy(of, reason(of))).toMatchObject({
      MessageGroupId: 'tenant',
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-2-3' } },
    });
  });

  test('does not carry our own marks of the way there', () => {
    const of = record('{}', {
      [REASON_ATTRIBUTE]: string('old'),
      [REQUEUED_ATTRIBUTE]: string('1'),
      mine: string('x'),
    });
    expect(Object.keys(deadLetterCopy(of, reason(of))?.MessageAttributes ?? {}).sort()).toEqual([
      REASON_ATTRIBUTE,
      'mine',
    ]);
  });
});

describe('the requeued message', () => {
  const requeued = { since: NOW, runs: 2 };
  const readBack = (copy: ReturnType<typeof requeuedCopy>) => {
    const messageAttributes = Object.fromEntries(
      Object.entries(copy?.MessageAttributes ?? {}).map(([name, { StringValue }]) => [name, string(StringValue ?? '')]),
    );
    return { copy: record('{}', messageAttributes), requeued: readRequeued(record('{}', messageAttributes), NOW) };
  };

  test('notes since when it is requeued and how often its job failed', () => {
    expect(readBack(requeuedCopy(record('{}'), requeued, 0)).requeued).toEqual(requeued);
    const suspect = { ...requeued, suspect: 1 };
    expect(readBack(requeuedCopy(record('{}'), suspect, 0)).requeued).toEqual(suspect);
  });

  test('is delayed by at most the 15 minutes of SQS', () => {
    const delays = [0, 1, 90_000, 1e9].map((ms) => requeuedCopy(record('{}'), requeued, ms)?.DelaySeconds);
    expect(delays).toEqual([0, 1, 90, 900]);
  });

  test('of ten attributes keeps nine and carries the tenth along, however often, until it is dead', () => {
    const ten: SQSMessageAttributes = Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`a${i}`, string(`v${i}`)]),
    );
    const once = readBack(requeuedCopy(record('{}', ten), requeued, 0));
    expect(Object.keys(once.copy.messageAttributes)).toHaveLength(10);
    if (!once.requeued) throw new Error('the note cannot be read');
    const twice = readBack(requeuedCopy(once.copy, once.requeued, 0));
    const letter = deadLetterCopy(twice.copy, reason(twice.copy), twice.requeued);
    const { [REASON_ATTRIBUTE]: why, ...kept } = letter?.MessageAttributes ?? {};
    const { overflow } = JSON.parse(why?.StringValue ?? '');
    expect({ ...kept, ...overflow }).not.toHaveProperty(REQUEUED_ATTRIBUTE);
    expect([...Object.keys(kept), ...Object.keys(overflow)].sort()).toEqual(Object.keys(ten));
    for (const [name, { stringValue }] of Object.entries<{ stringValue: string }>(overflow)) {
      expect(stringValue).toBe(ten[name]?.stringValue);
    }
  });

  test('does not exist where the body leaves no room for the note', () => {
    expect(requeuedCopy(record('x'.repeat(1_048_576)), requeued, 0)).toBeUndefined();
  });
});
