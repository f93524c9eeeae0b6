import { pick, shuffle } from '../random.ts';
import { sendAll } from '../sending.ts';
import { tableOf } from '../service.ts';
import { readTable } from '../table.ts';
import type { Pattern, PatternAccount, PlanOptions, World } from './pattern.ts';
import { comparePlaces, type Expected, idIn, placeRows } from './places.ts';

/** How often a delivery fails before it passes, and the share of the messages for which it does. */
const KINDS = [
  { kind: 'delivered', share: 0.4, paths: ['/ok'], text: 'webhook that passes at once' },
  {
    kind: 'blinking',
    share: 0.2,
    paths: ['/flaky/503/1', '/flaky/503/2'],
    text: 'fails once or twice: passes on the main queue',
  },
  {
    kind: 'restarting',
    share: 0.2,
    paths: ['/flaky/503/3', '/flaky/503/4', '/flaky/503/5'],
    text: 'fails 3 to 5 times: passes on the retry queue',
  },
  { kind: 'down', share: 0.05, paths: ['/down'], dead: 'TransientError', text: 'fails always: dead after 6 runs' },
  { kind: 'gone', share: 0.1, paths: ['/gone/404'], dead: 'PermanentError', text: 'answered 404: dead at once' },
] as const;
/** What one message may take before its last run is over. */
const RUNS = 6;

interface Delivery extends Expected {
  readonly path: string;
}

/** Webhooks to receivers that fail for a moment, for longer, or always. */
export const delayedRetry: Pattern = {
  what: 'delayed retry',
  queues: ['deliveries', 'deliveries-retry'],
  functions: ['deliveries'],
  plan({ jobs, random, receiverUrl }: PlanOptions) {
    const shares = KINDS.map((each) => ({ ...each, count: Math.round(jobs * each.share) }));
    const deliveries = shares.flatMap((each): Delivery[] =>
      Array.from({ length: each.count }, (_, n) => ({
        id: `${each.kind}-${n}`,
        path: pick(random, each.paths),
        ...('dead' in each && { dead: each.dead }),
      })),
    );
    const duplicates = Math.max(0, jobs - deliveries.length);
    const passing = deliveries.filter(({ dead }) => dead === undefined);
    const again = Array.from({ length: duplicates }, () => pick(random, passing));
    const bodyOf = ({ id, path }: Delivery) =>
      JSON.stringify({ type: 'webhook', job_id: id, url: `${receiverUrl}${path}`, payload: { id } });
    const messages = shuffle(random, [...deliveries, ...again]).map((each) => ({ body: bodyOf(each), attributes: {} }));
    return {
      shares: [...shares, { count: duplicates, kind: 'duplicate', text: 'sent again: no effect' }],
      arrivals: messages.length,
      async send({ stage }, sent) {
        await sendAll(stage.sqs, await stage.urlOf('deliveries'), messages, sent);
      },
      account: (world) => accountFor(deliveries, duplicates, world),
    };
  },
};

async function accountFor(
  deliveries: readonly Delivery[],
  duplicates: number,
  { stage, receiver, deadLetters }: World,
): Promise<PatternAccount> {
  const items = await readTable(stage.dynamodb, tableOf('job-results-outbox-v1'));
  const done = new Set(items.filter(({ status }) => status === 'done').map(({ jobId }) => jobId));
  const letters = await deadLetters('deliveries-dlq');
  const places = comparePlaces('deliveries', deliveries, done, letters, idIn('job_id'));
  const attempts = letters.flatMap(({ reason }) => (reason?.errorClass === 'TransientError' ? reason.attempts : []));
  const tooFew = attempts.filter((runs) => runs < RUNS);
  const twice = [...receiver.deliveries.values()].filter((all) => all.length > 1).length;
  return {
    rows: [
      ...placeRows(deliveries.length + duplicates, duplicates, places),
      [receiver.deliveries.size, 'webhooks delivered'],
      ...(twice > 0 ? [[twice, 'of them twice: a process was killed after the delivery'] as const] : []),
    ],
    discrepancies: [
      ...places.discrepancies,
      ...(tooFew.length > 0 ? [`${tooFew.length} messages died before their ${RUNS} runs were over.`] : []),
    ],
  };
}
