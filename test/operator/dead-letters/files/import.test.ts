import { setTimeout as delay } from 'node:timers/promises';
import { importLetters } from '../../../../operator/dead-letters/files/import.ts';
import type { ExportedLetter } from '../../../../operator/dead-letters/files/letter-line.ts';
import type { Sent } from '../../../../src/queues/sender.ts';

const SENT: Sent = { status: 'sent', messageId: 'x' };

async function* fileOf(groups: string): AsyncGenerator<{ line: number; letter: ExportedLetter }> {
  for (const [i, MessageGroupId] of [...groups].entries()) {
    yield {
      line: i + 2,
      letter: { queue: 'q', body: `${MessageGroupId}${i}`, attributes: {}, system: { MessageGroupId } },
    };
  }
}

/** A queue that answers the earlier, the later a message was sent. */
function slowQueue(answer: (body: string) => Sent = () => SENT) {
  const arrived: string[] = [];
  const ids: (string | undefined)[] = [];
  let wait = 60;
  return {
    arrived,
    ids,
    async send(
      _url: string,
      { MessageBody, MessageDeduplicationId }: { MessageBody: string; MessageDeduplicationId?: string | undefined },
    ) {
      wait -= 3;
      await delay(Math.max(0, wait));
      const sent = answer(MessageBody);
      if (sent.status === 'sent') arrived.push(MessageBody);
      ids.push(MessageDeduplicationId);
      return sent;
    },
  };
}

const options = { salt: 'file', signal: new AbortController().signal };
const fifo = () => ({ url: 'u', fifo: true });
const ofGroup = (arrived: string[], group: string) => arrived.filter((body) => body.startsWith(group));

test('letters of one FIFO group arrive in order however slowly a queue answers, and groups do not wait for each other', async () => {
  const queue = slowQueue();
  const imported = await importLetters(fileOf('aabababbba'), { ...options, destination: fifo, send: queue.send });
  expect(imported.sent).toBe(10);
  expect(ofGroup(queue.arrived, 'a')).toEqual(['a0', 'a1', 'a3', 'a5', 'a9']);
  expect(ofGroup(queue.arrived, 'b')).toEqual(['b2', 'b4', 'b6', 'b7', 'b8']);
});

test('what follows a refused letter in its FIFO group is held back; other groups go on', async () => {
  const refusal: Sent = { status: 'refused', code: 'InvalidMessageContents', message: 'no' };
  const queue = slowQueue((body) => (body === 'a1' ? refusal : SENT));
  const imported = await importLetters(fileOf('aabab'), { ...options, destination: fifo, send: queue.send });
  expect(imported).toEqual({
    sent: 3,
    refused: [{ line: 3, why: 'InvalidMessageContents: no' }],
    unanswered: [],
    heldBack: [5],
  });
  expect(queue.arrived.toSorted()).toEqual(['a0', 'b2', 'b4']);
});

test('the deduplication ids of one file are the same again, and those of another file are not', async () => {
  const idsOf = async (salt: string) => {
    const queue = slowQueue();
    await importLetters(fileOf('aaa'), { ...options, salt, destination: fifo, send: queue.send });
    return queue.ids;
  };
  const ids = await idsOf('one');
  expect(new Set(ids).size).toBe(3);
  expect(await idsOf('one')).toEqual(ids);
  expect((await idsOf('two')).filter((id) => ids.includes(id))).toEqual([]);
});

test('an aborted import starts nothing new and counts what was under way', async () => {
  const abort = new AbortController();
  const queue = slowQueue(() => {
    abort.abort();
    return SENT;
  });
  const endless = fileOf('a'.repeat(1_000));
  const imported = await importLetters(endless, {
    ...options,
    signal: abort.signal,
    destination: () => ({ url: 'u', fifo: false }),
    send: queue.send,
  });
  expect(imported.sent).toBe(queue.arrived.length);
  expect(imported.sent).toBeLessThan(1_000);
});
