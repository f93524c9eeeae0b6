import { cameFrom, groupByReason } from '../../demo/dead-letters.ts';
import type { DeadLetter } from '../../operator/dead-letters/reading/letter.ts';

const RECEIVER = 'http://127.0.0.1:8080';

function letter(reason: object | undefined, body: object | string = { url: `${RECEIVER}/gone/404` }): DeadLetter {
  return {
    body: typeof body === 'string' ? body : JSON.stringify(body),
    messageId: '',
    attributes: {},
    system: {},
    jobId: undefined,
    type: undefined,
    reason:
      reason && ({ type: 'webhook', errorClass: 'PermanentError', message: '', ...reason } as DeadLetter['reason']),
  };
}

describe('the dead letters that a repair of the receiver helps', () => {
  const isRepairable = cameFrom(RECEIVER);

  test.each(['PermanentError', 'TransientError', 'Error'])('are webhooks to it that ended as %s', (errorClass) => {
    expect(isRepairable(letter({ errorClass }))).toBe(true);
  });

  test.each([
    ['refused by their schema', letter({ errorClass: 'InvalidJob' }, { url: 'ftp://127.0.0.1:8080/' })],
    ['of another type', letter({ type: 'triple' }, { value: 1 })],
    ['no JSON', letter({ type: 'unknown', errorClass: 'InvalidJob' }, '{')],
    ['without a reason', letter(undefined)],
    ['to another host', letter({}, { url: 'http://elsewhere.example/' })],
    ['to another port', letter({}, { url: `${RECEIVER}1/` })],
  ])('are none that are %s', (_, dead) => {
    expect(isRepairable(dead)).toBe(false);
  });
});

test('dead letters are grouped by class, fingerprint and type, the most frequent first', () => {
  const rare = letter({ errorClass: 'TransientError', fingerprint: 'f1', message: 'answered 503' });
  const often = (message: string) => letter({ fingerprint: 'f2', message });
  const other = letter({ fingerprint: 'f2', type: 'triple', message: 'm' });
  const groups = groupByReason([rare, often('first'), often('second'), other], (it) => it !== other);
  expect(groups).toEqual([
    { errorClass: 'PermanentError', fingerprint: 'f2', type: 'webhook', count: 2, example: 'first', repairable: 2 },
    {
      errorClass: 'TransientError',
      fingerprint: 'f1',
      type: 'webhook',
      count: 1,
      example: 'answered 503',
      repairable: 1,
    },
    { errorClass: 'PermanentError', fingerprint: 'f2', type: 'triple', count: 1, example: 'm', repairable: 0 },
  ]);
});

test('a dead letter without a reason is a group of its own', () => {
  expect(groupByReason([letter(undefined)], () => false)).toEqual([
    expect.objectContaining({ errorClass: 'no reason', example: 'moved by SQS itself', count: 1 }),
  ]);
});

test('a forged reason on a body that is no webhook is not repairable, and ends nothing', () => {
  const isRepairable = cameFrom('http://127.0.0.1:1');
  const reason = { type: 'webhook', errorClass: 'PermanentError' };
  for (const body of ['{', 'null', '{"url":5}', '[]']) expect(isRepairable({ reason, body } as never)).toBe(false);
});
