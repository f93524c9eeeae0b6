import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { concurrently, inGroups } from '../concurrently.ts';
import { pick, type Random, shuffle, wholeNumber } from '../random.ts';
import { tableOf } from '../service.ts';
import { readKeys } from '../table.ts';
import type { Pattern, PatternAccount, PlanOptions, World } from './pattern.ts';
import { comparePlaces, idIn, placeRows } from './places.ts';

const ACCOUNTS = 10;

interface Entry {
  readonly id: string;
  readonly account: string;
  readonly body: string;
  /** The class of the error that it dies of. */
  readonly dead?: string;
}

/** Entries of accounts, each account a message group. Bad entries are parked, and their group goes on without them. */
export const fifo: Pattern = {
  what: 'FIFO consumer',
  queues: ['entries.fifo'],
  functions: ['entries'],
  plan({ jobs, random }: PlanOptions) {
    const [zero, invalid, again] = [0.05, 0.05, 0.1].map((share) => Math.round(jobs * share)) as [
      number,
      number,
      number,
    ];
    const kinds = shuffle(random, [
      ...Array<'zero'>(zero).fill('zero'),
      ...Array<'invalid'>(invalid).fill('invalid'),
      ...Array<'valid'>(jobs - zero - invalid - again).fill('valid'),
    ]);
    const entries = kinds.map((kind, n) => entryOf(kind, n, random));
    const messages = withDuplicates(entries, again, random);
    const order = new CommitOrder(entries);
    return {
      shares: [
        {
          count: kinds.length - zero - invalid,
          kind: 'entry',
          text: `booked, in the order of its account (of ${ACCOUNTS})`,
        },
        { count: zero, kind: 'zero', text: 'books nothing: parked, and its account goes on' },
        { count: invalid, kind: 'invalid', text: 'refused by its schema: parked, too' },
        { count: again, kind: 'duplicate', text: 'sent again later: no effect' },
      ],
      arrivals: messages.length,
      send: (world, sent) => send(messages, world, sent),
      onLine: (line) => order.read(line),
      account: (world) => accountFor(entries, again, order, world),
    };
  },
};

function entryOf(kind: 'zero' | 'invalid' | 'valid', n: number, random: Random): Entry {
  const account = `account-${wholeNumber(random, ACCOUNTS)}`;
  const id = `entry-${String(n).padStart(6, '0')}`;
  const amount = kind === 'zero' ? 0 : (100 + wholeNumber(random, 10_000)) / 100;
  const fields = { message_id: id, account_id: account, amount, ...(kind === 'invalid' && { currency: 1 }) };
  const dead = { zero: 'PermanentError', invalid: 'InvalidJob', valid: undefined }[kind];
  return { id, account, body: JSON.stringify(fields), ...(dead && { dead }) };
}

/** Some valid entries come a second time, anywhere after the first. */
function withDuplicates(entries: readonly Entry[], count: number, random: Random): Entry[] {
  const messages = [...entries];
  for (let n = 0; n < count; n += 1) {
    const again = pick(
      random,
      entries.filter(({ dead }) => dead === undefined),
    );
    const first = messages.indexOf(again);
    messages.splice(first + 1 + wholeNumber(random, messages.length - first), 0, again);
  }
  return messages;
}

/** Requests of one account follow each other, because a later one could overtake an earlier one. */
async function send(messages: readonly Entry[], { stage }: World, sent: (arrivals: number) => void): Promise<void> {
  const QueueUrl = await stage.urlOf('entries.fifo');
  let number = 0;
  const lines = [...Map.groupBy(messages, ({ account }) => account).values()];
  await concurrently(lines.length, lines, async (line) => {
    for (const group of inGroups(line, 10)) {
      const Entries = group.map(({ body, account }, i) => ({
        Id: String(i),
        MessageBody: body,
        MessageGroupId: account,
        MessageDeduplicationId: String(number++),
      }));
      const { Failed = [] } = await stage.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed[0]) throw new Error(`SQS refused ${Failed.length} of ${group.length} entries: ${Failed[0].Message}`);
      sent(group.length);
    }
  });
}

/** The order in which entries were booked, from the function's log. A killed process may leave out a line. */
class CommitOrder {
  readonly #accounts: ReadonlyMap<string, string>;
  readonly #booked = new Map<string, string[]>();

  constructor(entries: readonly Entry[]) {
    this.#accounts = new Map(entries.map(({ id, account }) => [id, account]));
  }

  read(line: string): void {
    if (!line.includes('"action":"dynamodb_save"')) return;
    const { jobId } = (JSON.parse(line) as { details: { jobId: string } }).details;
    const account = this.#accounts.get(jobId) ?? '';
    this.#booked.set(account, [...(this.#booked.get(account) ?? []), jobId]);
  }

  get booked(): number {
    return [...this.#booked.values()].reduce((sum, ids) => sum + ids.length, 0);
  }

  /** Ids grow in the order of sending. */
  problems(): string[] {
    return [...this.#booked].flatMap(([account, ids]) =>
      ids.flatMap((id, i) => {
        const before = ids[i - 1];
        return before !== undefined && before >= id ? [`${account}: ${id} was booked after ${before}.`] : [];
      }),
    );
  }
}

async function accountFor(
  entries: readonly Entry[],
  duplicates: number,
  order: CommitOrder,
  { stage, deadLetters }: World,
): Promise<PatternAccount> {
  const keys = await readKeys(stage.dynamodb, tableOf('processed_messages'), 'message_id');
  const dead = new Set(entries.filter((entry) => entry.dead !== undefined).map(({ id }) => id));
  const letters = await deadLetters('entries-dlq.fifo');
  const ids = new Set(entries.map(({ id }) => id));
  // The table also notes failed runs of what is parked.
  const booked = new Set(keys.filter((key) => ids.has(key) && !dead.has(key)));
  const places = comparePlaces('entries', entries, booked, letters, idIn('message_id'));
  const ungrouped = letters.filter(({ system }) => !system.MessageGroupId);
  return {
    rows: [
      ...placeRows(entries.length + duplicates, duplicates, places),
      [order.booked, `lines of the log say that an entry was booked, each account's in its order`],
    ],
    discrepancies: [
      ...places.discrepancies,
      ...order.problems(),
      ...(order.booked === 0 ? ['The log has no line of a booking.'] : []),
      ...(ungrouped.length > 0 ? [`${ungrouped.length} dead letters have lost their message group.`] : []),
    ],
  };
}
