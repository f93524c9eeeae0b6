import { takeAccount } from '../../demo/account/account.ts';
import type { Evidence } from '../../demo/account/evidence.ts';
import type { Draft } from '../../demo/drafts.ts';
import type { DemoMessage, Kind } from '../../demo/mix.ts';
import type { Delivery } from '../../demo/receiver.ts';
import type { DeadLetter } from '../../operator/dead-letters/reading/letter.ts';

const FAILED_AT = Date.parse('2030-01-01T00:00:00Z');

function message(sequence: number, kind: Kind, body: object | string, expected: Draft['expected']): DemoMessage {
  return { sequence, kind, body: typeof body === 'string' ? body : JSON.stringify(body), expected };
}

function deadLetter(
  of: { sequence: number; body: string },
  { errorClass = 'InvalidJob', at = FAILED_AT }: { errorClass?: string; at?: number } = {},
): DeadLetter {
  const attributes = { Sequence: { DataType: 'Number', StringValue: String(of.sequence) } };
  const reason = { errorClass, message: 'why', lastFailedAt: new Date(at).toISOString() };
  const unknown = { messageId: '', system: {}, jobId: undefined, type: undefined };
  return { ...unknown, body: of.body, attributes, reason: reason as DeadLetter['reason'] };
}

const delivery = (at: number, fencingToken = 1): Delivery => ({ at, body: '{"n":1}', fencingToken });

const TRIPLE = message(1, 'triple', { job_id: 'a', value: 2 }, { ends: 'stored', jobId: 'a', result: 6 });
const AGAIN = { ...TRIPLE, sequence: 2, kind: 'duplicate' as const };
const HOOK = message(
  3,
  'webhook',
  { job_id: 'w', payload: { n: 1 } },
  { ends: 'stored', jobId: 'w', result: { status: 200 }, delivers: '{"n":1}' },
);
const GARBAGE = message(4, 'malformed', '{', { ends: 'dead', errorClass: 'InvalidJob' });
const REUSED = message(5, 'poison', { job_id: 'a', value: 9 }, { ends: 'stored', jobId: 'a', result: 27 });
const REFUSED = message(6, 'poison', { job_id: 'r' }, { ends: 'dead', errorClass: 'PermanentError' });

/** A world in which everything is as it should be. */
function sound(): Evidence {
  return {
    sent: [TRIPLE, AGAIN, HOOK, GARBAGE, REUSED, REFUSED],
    items: [
      { jobId: 'a', status: 'done', result: 6 },
      { jobId: 'w', status: 'done', result: { status: 200 } },
      { jobId: 'r', status: 'dead', result: undefined },
    ],
    deadLetters: [
      deadLetter(GARBAGE),
      deadLetter(REUSED, { errorClass: 'PayloadConflict' }),
      deadLetter(REFUSED, { errorClass: 'PermanentError' }),
    ],
    deliveries: new Map([['w', [delivery(FAILED_AT)]]]),
    left: { waiting: 0, inFlight: 0, delayed: 0 },
    crashes: [],
    timeoutMs: 3_000,
  };
}

const discrepanciesOf = (changes: Partial<Evidence>) => takeAccount({ ...sound(), ...changes }).discrepancies;
const without = (letter: DemoMessage) => sound().deadLetters.filter(({ body }) => body !== letter.body);
const itemsWith = (jobId: string, changes: object) =>
  sound().items.map((item) => (item.jobId === jobId ? { ...item, ...changes } : item));

describe('the account', () => {
  test('puts each message in one place and finds nothing wrong where nothing is', () => {
    expect(takeAccount(sound())).toEqual({
      sent: 6,
      stored: 2,
      duplicates: 1,
      dead: 3,
      killers: 0,
      delivered: 1,
      deliveredAgain: 0,
      deadAgain: 0,
      discrepancies: [],
    });
  });

  test('accepts whichever payload of a reused id came first', () => {
    const items = itemsWith('a', { result: 27 });
    const conflict = { errorClass: 'PayloadConflict' };
    const deadLetters = [...without(REUSED), deadLetter(TRIPLE, conflict), deadLetter(AGAIN, conflict)];
    expect(takeAccount({ ...sound(), items, deadLetters })).toMatchObject({
      stored: 2,
      duplicates: 0,
      dead: 4,
      discrepancies: [],
    });
  });

  test('misses a message that is nowhere', () => {
    expect(discrepanciesOf({ items: sound().items.filter(({ jobId }) => jobId !== 'w') })).toEqual([
      'Message 3 (webhook) is nowhere: neither stored nor dead.',
      '1 stored + 1 duplicates + 3 dead = 5, but 6 messages were sent.',
    ]);
    expect(discrepanciesOf({ deadLetters: without(GARBAGE) })).toContain(
      'Message 4 (malformed) is nowhere: neither stored nor dead.',
    );
  });

  test('sees a message that is in two places', () => {
    expect(discrepanciesOf({ deadLetters: [...sound().deadLetters, deadLetter(HOOK)] })).toContain(
      'Message 3 (webhook) is both stored and dead.',
    );
  });

  test('checks each result against its input', () => {
    expect(discrepanciesOf({ items: itemsWith('a', { result: 7 }) })).toEqual(
      expect.arrayContaining([
        'Message 1 (triple): the result is 7 and should be 6.',
        'Message 2 (duplicate): the result is 7 and should be 6.',
      ]),
    );
    expect(discrepanciesOf({ items: itemsWith('w', { result: { status: 201 } }) })).toContain(
      'Message 3 (webhook): the result is {"status":201} and should be {"status":200}.',
    );
  });

  test('refuses a message that is dead and should be stored', () => {
    const items = sound().items.filter(({ jobId }) => jobId !== 'w');
    const deadLetters = [...sound().deadLetters, deadLetter(HOOK, { errorClass: 'TransientError' })];
    expect(discrepanciesOf({ items, deadLetters })).toEqual([
      'Message 3 (webhook) is dead and should be stored; as TransientError: why.',
    ]);
  });

  test('refuses a message that is dead for another reason than expected', () => {
    expect(
      discrepanciesOf({ deadLetters: [...without(GARBAGE), deadLetter(GARBAGE, { errorClass: 'TypeError' })] }),
    ).toEqual(['Message 4 (malformed) is dead as TypeError: why, not as InvalidJob.']);
  });

  test('refuses a dead letter without a reason', () => {
    expect(
      discrepanciesOf({ deadLetters: [...without(GARBAGE), { ...deadLetter(GARBAGE), reason: undefined }] }),
    ).toEqual(['Message 4 (malformed) is dead without a reason.']);
  });

  test('refuses a dead letter that nobody sent, or that changed on its way', () => {
    const foreign = deadLetter({ sequence: 99, body: 'foreign' });
    expect(discrepanciesOf({ deadLetters: [...sound().deadLetters, foreign] })).toEqual([
      'A dead letter is none of the messages sent: foreign',
    ]);
    const changed = deadLetter({ sequence: 4, body: '{ ' });
    expect(discrepanciesOf({ deadLetters: [...without(GARBAGE), changed] })).toEqual([
      'The body of message 4 changed on its way to the dead letters.',
    ]);
  });

  test('excuses a second copy of a dead letter only by a crash right after the first', () => {
    const deadLetters = [...sound().deadLetters, deadLetter(GARBAGE, { at: FAILED_AT + 20_000 })];
    const complaint = ['Message 4 (malformed) is among the dead letters twice, and no crash explains it.'];
    expect(discrepanciesOf({ deadLetters })).toEqual(complaint);
    expect(discrepanciesOf({ deadLetters, crashes: [FAILED_AT + 10_000] })).toEqual(complaint);
    expect(discrepanciesOf({ deadLetters, crashes: [FAILED_AT - 10_000] })).toEqual(complaint);
    expect(takeAccount({ ...sound(), deadLetters, crashes: [FAILED_AT + 1_000] })).toMatchObject({
      dead: 3,
      deadAgain: 1,
      discrepancies: [],
    });
  });

  test('refuses an item that belongs to no message, to no job, or to a job that is not over', () => {
    const extra = (jobId: string, status: string) =>
      discrepanciesOf({ items: [...sound().items, { jobId, status, result: 1 }] });
    expect(extra('x', 'done')).toEqual([`The table's item "x" belongs to no message that was sent.`]);
    expect(discrepanciesOf({ items: itemsWith('r', { status: 'done' }) })).toEqual([
      `The table's item "r" is a result of a message that is no job.`,
    ]);
    expect(discrepanciesOf({ items: itemsWith('r', { status: 'running' }) })).toEqual([
      `The table's item "r" is left with the status "running".`,
    ]);
  });

  test('refuses a stored webhook that was never delivered, or with another payload', () => {
    expect(discrepanciesOf({ deliveries: new Map() })).toEqual(['Webhook w is stored and was never delivered.']);
    const deliveries = new Map([['w', [{ ...delivery(FAILED_AT), body: '{"n":2}' }]]]);
    expect(discrepanciesOf({ deliveries })).toEqual(['Webhook w was delivered with another payload.']);
  });

  test('refuses a delivery that nobody sent', () => {
    const deliveries = new Map([...sound().deliveries, ['x', [delivery(0)]]]);
    expect(discrepanciesOf({ deliveries })).toEqual([
      'The receiver got a delivery for x, which is no webhook that was sent.',
    ]);
  });

  test('excuses a second delivery only by a crash after the first and a newer fencing token', () => {
    const twice = (token: number) => new Map([['w', [delivery(FAILED_AT), delivery(FAILED_AT + 20_000, token)]]]);
    const complaint = ['Webhook w was delivered again, and no crash explains it.'];
    const crashes = [FAILED_AT + 100];
    expect(discrepanciesOf({ deliveries: twice(2) })).toEqual(complaint);
    expect(discrepanciesOf({ deliveries: twice(1), crashes })).toEqual(complaint);
    expect(takeAccount({ ...sound(), deliveries: twice(2), crashes })).toMatchObject({
      delivered: 1,
      deliveredAgain: 1,
      discrepancies: [],
    });
  });

  test('says what is left on the queue when time is up', () => {
    expect(discrepanciesOf({ left: { waiting: 1, inFlight: 2, delayed: 3 } })).toEqual([
      'When time was up the queue still held messages: 1 waiting, 2 in flight, 3 delayed.',
    ]);
  });
});
