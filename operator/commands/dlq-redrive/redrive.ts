import type { StoreSession } from '../../../src/ledger/store.ts';
import type { CommandContext } from '../../command.ts';
import type { Unseen } from '../../dead-letters/reading/holding.ts';
import { type Applied, allWell, applyPlan } from '../../dead-letters/redriving/apply.ts';
import { Pacer } from '../../dead-letters/redriving/pacer.ts';
import { type Plan, PlanBuilder } from '../../dead-letters/redriving/plan.ts';
import { planQueue } from '../../dead-letters/redriving/planning.ts';
import { EXIT } from '../../ending/exit.ts';
import { confirm } from '../../output/confirm.ts';
import { toJson } from '../../output/json.ts';
import { startProgress } from '../../output/progress.ts';
import { counted } from '../../output/text.ts';
import { ledgerFor } from '../../stage/ledger.ts';
import type { QueueOfStage, Stage } from '../../stage/stage.ts';
import { again, next } from './again.ts';
import type { RedriveFlags } from './options.ts';
import { planText } from './plan-text.ts';
import { type PreparedRoute, prepareRoutes } from './preparation.ts';
import { resultText } from './result-text.ts';

/** A plan, and what applying it needs to know. */
interface Made {
  readonly plan: Plan;
  readonly planned: PlanBuilder['planned'];
  readonly plannedAt: number;
  readonly routes: readonly (PreparedRoute & { readonly fifo: boolean; readonly unseen: Unseen })[];
}

/** Plan, show, ask, apply, verify. */
export async function redrive(context: CommandContext, flags: RedriveFlags, argv: readonly string[]): Promise<void> {
  const { out, json, signal } = context;
  const stage = await context.stage();
  const sessions: StoreSession[] = [];
  // The ledger retries reads for ever, which would keep an interrupted process alive.
  const closeLedger = () => {
    for (const session of sessions) session.close();
  };
  const ledgerOf = (queue: QueueOfStage): StoreSession => {
    const session = ledgerFor(stage, queue).open();
    sessions.push(session);
    return session;
  };
  signal.addEventListener('abort', closeLedger);
  try {
    const made = await makePlan(context, stage, await prepareRoutes(stage, flags, ledgerOf), flags);
    const applyCommand = again(argv, { without: ['--dry-run'], and: '--yes' });
    const shown = { ...viewOf(made), apply: applyCommand };
    if (!json) out.write(planText(made));
    if (made.planned.size === 0 || flags.dryRun) {
      const closing = made.planned.size === 0 ? 'There is nothing to redrive.' : `Apply it: ${applyCommand}`;
      out.write(json ? toJson(shown) : `${closing}\n`);
      return;
    }
    if (!flags.yes && !(await confirm(context, question(made.plan)))) return;
    const applied = await apply(context, stage, made, flags);
    if (!allWell(applied.tally, applied.verified)) context.exit(EXIT.data);
    const told = { ...shown, applied: { ...applied, ...failureJson(applied) } };
    out.write(json ? toJson(told) : `\n${resultText(applied)}${nextSteps(applied, flags, argv)}`);
    // Thrown last, so that what was done until then is printed first.
    if (applied.failure) throw applied.failure;
  } finally {
    signal.removeEventListener('abort', closeLedger);
    closeLedger();
  }
}

async function makePlan(
  { err, signal }: CommandContext,
  { sqs }: Stage,
  routes: readonly PreparedRoute[],
  { visibility }: RedriveFlags,
): Promise<Made> {
  const builder = new PlanBuilder();
  const progress = startProgress(err, 'Reading dead letters:');
  const planned = [];
  const plannedAt = Date.now();
  let before = 0;
  try {
    for (const route of routes) {
      let seen = 0;
      const onProgress = (count: number) => {
        seen = count;
        progress.update(before + count);
      };
      const { queue, from, assessing } = route;
      const reading = { sqs, queue, deadLettersUrl: from.url, assessing, visibilitySeconds: visibility, signal };
      planned.push({ ...route, fifo: from.fifo, unseen: await planQueue(builder, { ...reading, onProgress }) });
      before += seen;
    }
  } finally {
    progress.stop();
  }
  return { plan: builder.build(), planned: builder.planned, plannedAt, routes: planned };
}

async function apply(context: CommandContext, { sqs }: Stage, made: Made, flags: RedriveFlags): Promise<Applied> {
  const { planned, plannedAt, routes } = made;
  const { rate, limit = 0, max, verify = false, timeout, visibility } = flags;
  const progress = startProgress(context.err, 'Sending back:', planned.size);
  const assessing = new Map(routes.map((route) => [route.queue, route.assessing]));
  const work = applyPlan(routes, {
    ...{ sqs, planned, plannedAt, verify, canary: limit, signal: context.signal },
    assessing: ({ queue }) => assessing.get(queue) as PreparedRoute['assessing'],
    pacer: new Pacer(rate ?? Number.POSITIVE_INFINITY),
    most: max ?? Number.POSITIVE_INFINITY,
    timeoutMs: timeout * 1_000,
    visibilitySeconds: visibility,
    onProgress: ({ sent, dropped }, { done, deadAgain }) =>
      progress.update(sent + dropped, verify || limit > 0 ? `${done} done, ${deadAgain} dead again` : undefined),
  });
  // An interrupted process must not end before what is held is given back.
  const over = context.onInterrupt(() => work.catch(() => undefined));
  return work.finally(() => {
    over();
    progress.stop();
  });
}

/** JSON.stringify would make an empty object of an error. */
function failureJson({ failure }: Applied): object {
  return failure === undefined ? {} : { failure: failure instanceof Error ? failure.message : String(failure) };
}

function question({ totals }: Plan): string {
  const dropped = totals.alreadyDone > 0 ? ` and delete ${counted(totals.alreadyDone, 'duplicate')}` : '';
  return `Send ${counted(totals.goesBack, 'dead letter')} back${dropped}`;
}

/** What `--json` prints of a plan. */
function viewOf({ plan, routes, plannedAt }: Made): object {
  const queues = routes.map(({ queue, from, to, unseen }) => ({ queue, from: from.url, to: to.url, unseen }));
  return { plannedAt: new Date(plannedAt).toISOString(), queues, ...plan };
}

function nextSteps({ verified, canary, left }: Applied, { verify }: RedriveFlags, argv: readonly string[]): string {
  const seeDead = `Next: ${next(argv, ['dlq', 'list'])} --newer-than 15m\n`;
  if (canary === 'failed' || verified.deadAgain > 0) return seeDead;
  if (left > 0) return `Next, for the rest: ${again(argv, { without: [], and: '--yes' })}\n`;
  return verify ? `Next: ${next(argv, ['dlq', 'list'])}\n` : `Next, to see them land: ${next(argv, ['queues'])}\n`;
}
