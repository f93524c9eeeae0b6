import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { redrivenMessage } from '../../operator/dead-letters/redriving/redriven-message.ts';
import { SqsApi } from '../../src/aws/sqs-api.ts';
import { traceAlone, traceOf } from '../../src/aws/trace-header.ts';
import { requeuedCopy } from '../../src/queues/copies.ts';

const ROOT = 'Root=1-5759e988-bd862e3fe1be46a994272793';
const TRACED = `${ROOT};Parent=53995c3f42cd8ad8;Sampled=1`;
const LINEAGE = 'Lineage=15:a87bd80c:14|68fd508a:5';

test.each([
  ['behind the trace', `${TRACED};${LINEAGE}`],
  ['before it', `${LINEAGE};${TRACED}`],
  ['in lower case, with spaces', `${TRACED}; lineage=a87bd80c:14`],
  ['twice', `${LINEAGE};${TRACED};${LINEAGE}`],
])('the lineage is taken off and the trace stays: %s', (_name, header) => {
  expect(traceAlone(header)).toBe(TRACED);
});

test('the fields keep the form in which they came, and what is not sampled stays so', () => {
  for (const header of [ROOT, `${ROOT};Sampled=0`, `${ROOT};Sampled=?`, `Sampled=1;${ROOT}`]) {
    expect(traceAlone(header)).toBe(header);
  }
});

test.each([
  ['nothing', undefined],
  ['an empty one', ''],
  ['a lineage alone', LINEAGE],
  ['no root', 'Parent=53995c3f42cd8ad8;Sampled=1'],
  ['a root in no form of X-Ray', 'Root=$(touch x)'],
  ['two roots', `${ROOT};${ROOT}`],
  ['a line break', `${ROOT};Parent=1\n2`],
  ['more than any header has', `${ROOT};${'a=b;'.repeat(100_000)}`],
])('%s is no trace, and is left out: SQS would refuse the message with it', (_name, header) => {
  expect(traceAlone(header)).toBeUndefined();
  expect(traceOf(header)).toEqual({});
});

test('fields that are none of X-Ray’s are a producer’s, and stay behind', () => {
  expect(traceAlone(`${ROOT};Self=1-67891234-12456789abcdef012345678;user=42;Sampled=1`)).toBe(`${ROOT};Sampled=1`);
});

test('whatever a producer writes, a header comes out that SQS takes, or none', () => {
  const piece = fc.oneof(
    fc.constantFrom(ROOT, 'Parent=53995c3f42cd8ad8', 'Sampled=1', LINEAGE, '', ';', '='),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const header = traceAlone(pieces.join(';'));
      if (header !== undefined) expect(header).toMatch(/^(?:(?:Root|Parent|Sampled)=[0-9a-f?-]+;?)+$/);
    }),
  );
});

test('a megabyte of the worst takes no time', () => {
  const began = performance.now();
  for (const unit of ['Lineage=', ';', '=', 'Root=1-', `${ROOT};`]) traceAlone(unit.repeat(1_048_576 / unit.length));
  // Quadratic time would be minutes.
  expect(performance.now() - began).toBeLessThan(10_000);
});

describe('copies', () => {
  const header = { AWSTraceHeader: `${TRACED};${LINEAGE}` };
  const text = { AWSTraceHeader: { DataType: 'String', StringValue: TRACED } };

  test('what goes back to its own queue counts as no hop of a loop', () => {
    const record = { body: '{}', messageAttributes: {}, attributes: header } as unknown as SQSRecord;
    expect(requeuedCopy(record, { since: 0, runs: 0 }, 0)?.MessageSystemAttributes).toEqual(text);
  });

  test('what is redriven begins with no hops', () => {
    const letter = { messageId: 'm', body: '{}', attributes: {}, system: header } as never;
    expect(redrivenMessage(letter, { fifo: false }).MessageSystemAttributes).toEqual(text);
  });
});

test('a worker’s own trace, which the SDK adds to its requests, goes out without its lineage', async () => {
  const seen: Record<string, string>[] = [];
  Object.assign(process.env, { AWS_LAMBDA_FUNCTION_NAME: 'worker', _X_AMZN_TRACE_ID: `${TRACED};${LINEAGE}` });
  try {
    const requestHandler = {
      handle: async (request: { headers: Record<string, string> }) => {
        seen.push(request.headers);
        return { response: { statusCode: 200, headers: {}, body: Buffer.from('{"Successful":[],"Failed":[]}') } };
      },
    };
    const api = new SqsApi({
      endpoint: 'http://127.0.0.1',
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      requestHandler: requestHandler as never,
    });
    await api.send('http://127.0.0.1/0/q', [{ Id: '0', MessageBody: 'x' }], new AbortController().signal);
  } finally {
    delete process.env.AWS_LAMBDA_FUNCTION_NAME;
    delete process.env._X_AMZN_TRACE_ID;
  }
  const headers = Object.entries(seen[0] ?? {}).filter(([name]) => name.toLowerCase() === 'x-amzn-trace-id');
  expect(headers).toEqual([['X-Amzn-Trace-Id', TRACED]]);
});
