import { hash } from 'node:crypto';
import { traceOf } from '../../../src/aws/trace-header.ts';
import type { Sending, Sent } from '../../../src/queues/sender.ts';
import type { ExportedLetter } from './letter-line.ts';

/** Letters under way at once, at most. */
const WINDOW = 100;

export interface Destination {
  readonly url: string;
  readonly fifo: boolean;
}

export interface ImportOptions {
  /** Where a letter of a queue goes. */
  destination(queue: string): Destination;
  send(url: string, message: Sending): Promise<Sent>;
  /**
   * Part of the deduplication ids. It is the same for each import of one file, so that a FIFO queue ignores what it got
   * in the last five minutes, and differs from file to file.
   */
  readonly salt: string;
  readonly signal: AbortSignal;
  onProgress?(done: number): void;
}

/** What became of the letters of a file, each counted once. */
export interface Imported {
  sent: number;
  /** By SQS. */
  readonly refused: { readonly line: number; readonly why: string }[];
  /** Nobody answered: these may have been sent. */
  readonly unanswered: { readonly line: number; readonly why: string }[];
  /** Of FIFO groups: not sent, since one before them was not. */
  readonly heldBack: number[];
}

/**
 * Sends the letters of a file. Those of one FIFO group go one after the other, all others as they come. After `signal`
 * aborts it starts nothing new and waits for what is under way.
 */
export async function importLetters(
  letters: AsyncIterable<{ line: number; letter: ExportedLetter }>,
  { destination, send, salt, signal, onProgress }: ImportOptions,
): Promise<Imported> {
  const imported: Imported = { sent: 0, refused: [], unanswered: [], heldBack: [] };
  const inFlight = new Set<Promise<void>>();
  const lastOfGroup = new Map<string, Promise<boolean>>();
  const sendOne = async (line: number, letter: ExportedLetter, to: Destination): Promise<boolean> => {
    const sent = await send(to.url, sendingOf(letter, to.fifo ? hash('sha256', `${salt}\n${line}`) : undefined));
    if (sent.status === 'sent') imported.sent += 1;
    else imported[sent.status].push({ line, why: `${sent.code}: ${sent.message}` });
    return sent.status === 'sent';
  };
  for await (const { line, letter } of letters) {
    if (signal.aborted) break;
    const to = destination(letter.queue);
    const work = to.fifo
      ? inTurn(lastOfGroup, `${to.url}\n${letter.system.MessageGroupId}`, async (goesOn) => {
          if (goesOn) return await sendOne(line, letter, to);
          imported.heldBack.push(line);
          return false;
        })
      : sendOne(line, letter, to);
    const tracked: Promise<void> = work.then(() => {
      inFlight.delete(tracked);
      onProgress?.(imported.sent);
    });
    inFlight.add(tracked);
    if (inFlight.size >= WINDOW) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
  return imported;
}

/** Starts a group's next letter when its last one has ended, and tells it whether that went well. */
function inTurn(
  last: Map<string, Promise<boolean>>,
  group: string,
  work: (goesOn: boolean) => Promise<boolean>,
): Promise<boolean> {
  const next = (last.get(group) ?? Promise.resolve(true)).then(work);
  last.set(group, next);
  return next;
}

function sendingOf({ body, attributes, system }: ExportedLetter, deduplicationId: string | undefined): Sending {
  return {
    MessageBody: body,
    MessageAttributes: attributes,
    ...traceOf(system.AWSTraceHeader),
    ...(system.MessageGroupId && { MessageGroupId: system.MessageGroupId }),
    ...(deduplicationId && { MessageDeduplicationId: deduplicationId }),
  };
}
