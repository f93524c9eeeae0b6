import { pick, shuffle, wholeNumber } from '../random.ts';
import { sendAll } from '../sending.ts';
import { tableOf } from '../service.ts';
import { readTable } from '../table.ts';
import type { Pattern, PatternAccount, PlanOptions, World } from './pattern.ts';
import { comparePlaces, idIn } from './places.ts';

const STAGES = ['fulfil-reserve', 'fulfil-charge', 'fulfil-ship'] as const;
/** Above what is charged without approval. */
const TOO_MUCH = 20_000;

type Kind = 'order' | 'costly' | 'invalid';

interface Order {
  readonly id: string;
  readonly kind: Kind;
  readonly body: string;
}

/** Where an order dies, and of what. */
const DEATHS: Partial<Record<Kind, { stage: (typeof STAGES)[number]; dead: string }>> = {
  invalid: { stage: 'fulfil-reserve', dead: 'InvalidJob' },
  costly: { stage: 'fulfil-charge', dead: 'PermanentError' },
};

/** Orders through three stages. Each stage hands over to the next one as a part of its own commit. */
export const chain: Pattern = {
  what: 'chain of three stages',
  queues: STAGES,
  functions: STAGES,
  plan({ jobs, random }: PlanOptions) {
    const [costly, invalid, again] = [0.1, 0.1, 0.1].map((share) => Math.round(jobs * share)) as [
      number,
      number,
      number,
    ];
    const many = (kind: Kind, count: number, fields: () => object): Order[] =>
      Array.from({ length: count }, (_, n) => {
        const id = `${kind}-${n}`;
        return { id, kind, body: JSON.stringify({ order_id: id, customer_id: `customer-${n % 40}`, ...fields() }) };
      });
    const amount = () => 1 + wholeNumber(random, 2_000);
    const valid = many('order', jobs - costly - invalid - again, () => ({ amount: amount() }));
    const orders = [
      ...valid,
      ...many('costly', costly, () => ({ amount: TOO_MUCH })),
      ...many('invalid', invalid, () => ({ amount: String(amount()) })),
    ];
    const sent = shuffle(random, [...orders, ...Array.from({ length: again }, () => pick(random, valid))]);
    return {
      shares: [
        { count: valid.length, kind: 'order', text: 'reserved, charged and shipped, once each' },
        { count: costly, kind: 'costly', text: 'reserved; the charge is refused: dead in the second stage' },
        { count: invalid, kind: 'invalid', text: 'refused by the schema: dead in the first stage' },
        { count: again, kind: 'duplicate', text: 'sent again: no effect' },
      ],
      arrivals: sent.length,
      async send({ stage }, onSent) {
        const messages = sent.map(({ body }) => ({ body, attributes: {} }));
        await sendAll(stage.sqs, await stage.urlOf(STAGES[0]), messages, onSent);
      },
      account: (world) => accountFor(orders, sent.length, world),
    };
  },
};

async function accountFor(orders: readonly Order[], sent: number, world: World): Promise<PatternAccount> {
  const { stage } = world;
  const items = await readTable(stage.dynamodb, tableOf('job-results-outbox-v1'));
  const rows: [number, string][] = [[sent, 'sent']];
  const discrepancies: string[] = [];
  let coming = orders;
  for (const name of STAGES) {
    const start = `${name}:`;
    const done = items.filter(({ jobId, status }) => status === 'done' && jobId.startsWith(start));
    const stored = new Set(done.map(({ jobId }) => jobId.slice(start.length)));
    const deathOf = ({ kind }: Order) => (DEATHS[kind]?.stage === name ? DEATHS[kind].dead : undefined);
    const expected = coming.map((order) => {
      const dead = deathOf(order);
      return { id: order.id, ...(dead && { dead }) };
    });
    const places = comparePlaces(name, expected, stored, await world.deadLetters(`${name}-dlq`), idIn('order_id'));
    rows.push([places.stored, `done by ${name}`], [places.dead, `dead in ${name}-dlq, each with its reason`]);
    discrepancies.push(...places.discrepancies);
    coming = coming.filter((order) => deathOf(order) === undefined);
  }
  return { rows, discrepancies };
}
