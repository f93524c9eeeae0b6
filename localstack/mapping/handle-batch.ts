import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { InvocationResult, LambdaFunction } from '../functions/lambda-function.ts';
import { hopsIn } from '../functions/lineage.ts';
import { ThrottledError } from '../functions/throttled-error.ts';
import { readBatchResponse } from './batch-response.ts';
import type { MappingConfiguration } from './configuration.ts';
import { deleteMessages } from './delete-messages.ts';
import { type BufferedRecord, eventPayload } from './record.ts';

/** What a mapping needs. The client should keep its connections alive. It need not check the queue's checksums. */
export interface MappingDependencies {
  sqs: SQSClient;
  function: Pick<LambdaFunction, 'invoke' | 'endsLoop'>;
  log: (line: string) => void;
}

/** Everything that a batch needs besides its records. */
export interface BatchContext extends MappingDependencies {
  configuration: MappingConfiguration;
  /** The queue's visibility timeout in milliseconds. */
  visibilityMs: number;
  /** Ends the waits of throttled invocations. Running invocations finish. */
  stopping: AbortSignal;
  /** Called for every invocation that was throttled. */
  throttled: () => void;
}

/** The result of a batch. Messages that were not deleted come back after their visibility timeout, or go to the DLQ. */
export interface BatchOutcome {
  deleted: number;
  left: readonly BufferedRecord[];
  /** Whether the invocation succeeded. Single messages may still have failed. */
  invoked: boolean;
  /** As in the mapping's LastProcessingResult. */
  result: string;
}

const throttlePauseMs = { first: 100, longest: 5_000 };

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Waits with jitter, but not past `until`. Returns false when the mapping stops meanwhile. */
async function pause(milliseconds: number, until: number, stopping: AbortSignal): Promise<boolean> {
  try {
    const jittered = milliseconds * (0.5 + Math.random() / 2);
    await sleep(Math.min(jittered, Math.max(0, until - Date.now())), undefined, { signal: stopping });
    return true;
  } catch {
    return false;
  }
}

/**
 * Invokes the function with those messages that are still invisible on the queue. Throttled invocations are retried,
 * with growing pauses, until the messages' visibility timeout is over. Lambda then drops them, too, because the queue
 * hands them out again.
 */
async function invoke(
  records: readonly BufferedRecord[],
  context: BatchContext,
): Promise<{ sent: readonly BufferedRecord[]; answer?: InvocationResult; problem?: string }> {
  const { visibilityMs, stopping } = context;
  let sent = records;
  for (let pauseMs = throttlePauseMs.first; ; pauseMs = Math.min(throttlePauseMs.longest, pauseMs * 2)) {
    const now = Date.now();
    sent = sent.filter((record) => now - record.receivedAt < visibilityMs);
    if (sent.length === 0) return { sent, problem: 'nothing of it may run, or not within its visibility timeout' };
    try {
      return { sent, answer: await context.function.invoke(eventPayload(sent), { rounds: roundsOf(sent, context) }) };
    } catch (error) {
      if (!(error instanceof ThrottledError)) return { sent, problem: describe(error) };
      context.throttled();
      // After the visibility timeout the slot must be free for the redelivered messages, whose own timeout runs
      // already.
      const firstVisibleAt = Math.min(...sent.map((record) => record.receivedAt)) + visibilityMs;
      if (stopping.aborted || !(await pause(pauseMs, firstVisibleAt, stopping))) {
        return { sent, problem: 'stopped while throttled' };
      }
    }
  }
}

/**
 * Leaves out messages that Lambda takes for a loop. Each stays on its queue and uses up its receives, and the redrive
 * policy then moves it [lambda/latest/dg/invocation-recursion.html].
 */
function withoutLoops(records: readonly BufferedRecord[], context: BatchContext): readonly BufferedRecord[] {
  const { function: lambda, log, configuration } = context;
  const kept = records.filter((record) => !lambda.endsLoop(roundsOf([record], context)));
  const dropped = records.length - kept.length;
  if (dropped > 0) {
    const what = `${dropped} message${dropped > 1 ? 's' : ''} of ${configuration.queueArn}`;
    log(`RecursiveInvocationsDropped: ${what}, sent in a loop by ${configuration.functionArn}: see RecursiveLoop`);
  }
  return kept;
}

/** How often one chain of requests has invoked the function. For a batch, the longest chain counts. */
function roundsOf(records: readonly BufferedRecord[], { configuration }: BatchContext): number {
  return Math.max(0, ...records.map(({ traceHeader }) => hopsIn(traceHeader, configuration.functionArn)));
}

/** The records that the function has processed, from its answer. */
function processed(
  records: readonly BufferedRecord[],
  answer: InvocationResult,
  reportBatchItemFailures: boolean,
): { done: readonly BufferedRecord[]; problem?: string } {
  if (answer.functionError) return { done: [], problem: `the function failed: ${answer.payload.slice(0, 500)}` };
  if (!reportBatchItemFailures) return { done: records };
  const verdict = readBatchResponse(answer.payload, new Set(records.map((record) => record.messageId)));
  if (verdict.failed === 'all') return { done: [], problem: `the whole batch counts as failed: ${verdict.reason}` };
  return { done: records.filter((record) => !verdict.failed.has(record.messageId)) };
}

/** Runs one batch through the function, and deletes what was processed. It never throws. */
export async function handleBatch(records: readonly BufferedRecord[], context: BatchContext): Promise<BatchOutcome> {
  const { configuration, sqs, log } = context;
  const { sent, answer, problem } = await invoke(withoutLoops(records, context), context);
  if (!answer) {
    log(`Batch of ${records.length} not invoked, messages left to their visibility timeout: ${problem}`);
    return { deleted: 0, left: records, invoked: false, result: `PROBLEM: ${problem}` };
  }
  const { done, problem: failure } = processed(sent, answer, configuration.reportBatchItemFailures);
  if (failure) log(`Batch of ${sent.length} (RequestId ${answer.requestId}): ${failure}`);
  const deleted = done.length > 0 ? await deleteMessages(sqs, configuration.queueUrl, done, log) : 0;
  const kept = new Set(done);
  return {
    deleted,
    left: records.filter((record) => !kept.has(record)),
    invoked: answer.functionError === undefined,
    result: failure ? 'PROBLEM: Function call failed' : 'OK',
  };
}
