import * as drafts from './drafts.ts';
import { pick, type Random, seededRandom, shuffle } from './random.ts';

/** The kinds of message in the mix, in the order of the printed list, each with the place where it must end. */
export const KINDS = {
  triple: 'stored as value * 3',
  webhook: 'delivered once and stored',
  duplicate: 'sent again, at once or much later: no effect',
  malformed: 'not a JSON object: dead at once',
  invalid: 'refused by its schema: dead at once',
  flaky: 'webhook that fails once or twice and then passes',
  gone: 'webhook answered 404 or 400: dead until the repair',
  down: 'webhook answered 503: retried, then dead until the repair',
  killer: 'ends its process in one of four ways: dead, and alone',
  poison: 'reused id, huge id, result not finite, forbidden host',
} as const;
export type Kind = keyof typeof KINDS;

/** The message attribute with a message's sequence number. It stays on the message, even in the dead-letter queue. */
export const SEQUENCE_ATTRIBUTE = 'Sequence';

export interface DemoMessage extends drafts.Draft {
  /** From 1, in the order of sending. */
  readonly sequence: number;
  readonly kind: Kind;
}

/** The mix needs this many messages to have every kind in it. */
export const FEWEST_JOBS = 50;

const SHARE = 0.05;
const DOWN_SHARE = 0.01;
/** A few, however large the mix: `CONFLICTS` reused ids, and `EACH_POISON` of each of `drafts.poison`. */
const CONFLICTS = 2;
const EACH_POISON = 2;
/** The share of webhooks among the jobs that cause no trouble. */
const WEBHOOK_SHARE = 0.35;

interface Placed extends drafts.Draft {
  readonly kind: Kind;
  readonly position: number;
}

/** Exactly `jobs` messages. The same arguments give the same messages. */
export function createMix({
  jobs,
  seed,
  receiverUrl,
}: {
  jobs: number;
  seed: number;
  receiverUrl: string;
}): DemoMessage[] {
  const random = seededRandom(seed);
  const share = Math.floor(jobs * SHARE);
  const poisons = drafts.poison.flatMap((drafting) => Array<drafts.Drafting>(EACH_POISON).fill(drafting));
  const shares: [Kind, drafts.Drafting, number][] = [
    ['malformed', drafts.malformed, share],
    ['invalid', drafts.invalid, share],
    ['flaky', drafts.flaky, share],
    ['gone', drafts.gone, share],
    ['down', drafts.down, Math.ceil(jobs * DOWN_SHARE)],
    ...drafts.killers.map((drafting): [Kind, drafts.Drafting, number] => ['killer', drafting, 1]),
    ...poisons.map((drafting): [Kind, drafts.Drafting, number] => ['poison', drafting, 1]),
  ];
  const left = jobs - shares.reduce((sum, [, , count]) => sum + count, share + CONFLICTS);
  const webhooks = Math.floor(left * WEBHOOK_SHARE);
  shares.push(['webhook', drafts.webhook, webhooks], ['triple', drafts.triple, left - webhooks]);

  let number = 0;
  const originals = shares.flatMap(([kind, drafting, count]) =>
    Array.from({ length: count }, () => ({ kind, ...drafting(++number, random, receiverUrl) })),
  );
  const placed = shuffle(random, originals).map((draft, position): Placed => ({ ...draft, position }));
  const mix = [...placed, ...duplicates(random, placed, share), ...conflicts(random, placed)];
  mix.sort((a, b) => a.position - b.position);
  return mix.map(({ kind, body, expected }, index) => ({ sequence: index + 1, kind, body, expected }));
}

/** Every second one comes directly after its original, so that they share a batch. The others come anywhere later. */
function duplicates(random: Random, placed: readonly Placed[], count: number): Placed[] {
  const repeatable = placed.filter(({ kind }) => ['triple', 'webhook', 'flaky', 'gone'].includes(kind));
  return Array.from({ length: count }, (_, i) => {
    const original = pick(random, repeatable);
    const position = i % 2 === 0 ? original.position + 0.5 : later(random, original, placed.length);
    return { ...original, kind: 'duplicate', position };
  });
}

function conflicts(random: Random, placed: readonly Placed[]): Placed[] {
  const triples = placed.filter(({ kind }) => kind === 'triple');
  return Array.from({ length: CONFLICTS }, () => {
    const original = pick(random, triples);
    return { ...drafts.conflictWith(original), kind: 'poison', position: later(random, original, placed.length) };
  });
}

function later(random: Random, { position }: Placed, end: number): number {
  return position + 1 + random() * (end - position);
}

/** How many of each kind. */
export function countKinds(mix: readonly DemoMessage[]): Record<Kind, number> {
  const counts = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, 0])) as Record<Kind, number>;
  for (const { kind } of mix) counts[kind] += 1;
  return counts;
}
