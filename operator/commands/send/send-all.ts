import type { CommandContext } from '../../command.ts';
import { toJson } from '../../output/json.ts';
import { startProgress } from '../../output/progress.ts';
import { grouped } from '../../output/text.ts';
import { deliver, newDelivery, refusedCount } from './deliver.ts';
import type { Destination } from './destination.ts';
import { InvalidLines } from './invalid-lines.ts';
import type { LargeLines } from './large-lines.ts';
import { check, type Outgoing, type Rules } from './outgoing.ts';
import type { Source } from './source.ts';
import { invalidText, type Summary, summaryJson, summaryText } from './summary.ts';

export interface Wishes {
  readonly skipInvalid?: boolean;
  readonly dryRun?: boolean;
}

type Terminal = Pick<CommandContext, 'out' | 'err' | 'json' | 'signal'>;

/**
 * Checks, sends, and prints what became of it, also when it is interrupted.
 *
 * @throws what the SDK throws where a whole request fails
 */
export async function sendAll(
  source: Source,
  rules: Rules,
  destination: Destination,
  { skipInvalid = false, dryRun = false }: Wishes,
  terminal: Terminal,
): Promise<Summary> {
  const startedAt = performance.now();
  const { signal } = terminal;
  const { large } = destination;
  const first = source.repeatable || dryRun ? await checkAll(source, rules, large, signal) : undefined;
  const delivery = newDelivery();
  let invalid = first?.invalid ?? new InvalidLines();
  let stopped: Summary['stopped'] = dryRun ? 'dry run' : undefined;
  if (!stopped && invalid.count > 0 && !skipInvalid) stopped = 'invalid';
  if (!stopped && !signal.aborted) {
    invalid = new InvalidLines();
    const messages = checked(source, rules, large, invalid, skipInvalid, signal);
    await deliverShown(stored(messages, large), destination, first?.valid, delivery, terminal);
    if (invalid.count > 0 && !skipInvalid) stopped = 'invalid';
  }
  if (signal.aborted) stopped = 'interrupted';
  const ms = performance.now() - startedAt;
  const summary = {
    destination,
    delivery,
    invalid,
    ms,
    stopped,
    valid: first?.valid ?? delivery.sent + refusedCount(delivery),
  };
  terminal.err.write(invalidText(source.name, invalid));
  terminal.out.write(terminal.json ? toJson(summaryJson(summary)) : summaryText(summary));
  return summary;
}

async function checkAll(source: Source, rules: Rules, large: LargeLines, signal: AbortSignal) {
  const invalid = new InvalidLines();
  let valid = 0;
  for await (const _ of checked(source, rules, large, invalid, true, signal)) valid += 1;
  return { invalid, valid };
}

/** The messages of a source; invalid lines are noted, and end it unless they are to be skipped. */
async function* checked(
  { lines }: Source,
  rules: Rules,
  large: LargeLines,
  invalid: InvalidLines,
  skipInvalid: boolean,
  signal: AbortSignal,
): AsyncGenerator<Outgoing> {
  for await (const { number, text } of lines()) {
    if (signal.aborted) return;
    const { message, problem } = check(text, rules, await large.roomFor(text));
    if (message) yield message;
    else invalid.add(number, problem);
    if (!message && !skipInvalid) return;
  }
}

/** One after another, so that no more than one is in memory twice. */
async function* stored(messages: AsyncIterable<Outgoing>, large: LargeLines): AsyncGenerator<Outgoing> {
  for await (const message of messages) yield await large.stored(message);
}

async function deliverShown(
  messages: AsyncIterable<Outgoing>,
  { send, fifo, mostBytes }: Destination,
  total: number | undefined,
  delivery: ReturnType<typeof newDelivery>,
  { err, signal }: Terminal,
): Promise<void> {
  const progress = startProgress(err, 'Sending', total);
  try {
    await deliver(messages, { send, fifo, mostBytes, signal }, delivery, () => {
      const refused = refusedCount(delivery);
      progress.update(delivery.sent, refused > 0 ? `${grouped(refused)} refused` : undefined);
    });
  } catch (error) {
    progress.stop();
    err.write(`${grouped(delivery.sent)} messages were sent before this; jobs that are sent again run once.\n`);
    throw error;
  } finally {
    progress.stop();
  }
}
