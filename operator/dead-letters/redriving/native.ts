import { setTimeout as delay } from 'node:timers/promises';
import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { isAws } from '../../../src/failures/aws-errors.ts';

export interface NativeOptions {
  readonly sqs: SQSClient;
  readonly deadLettersArn: string;
  /** Undefined: back to where each message came from. */
  readonly destinationArn: string | undefined;
  /** Messages a second, 1 to 500 [API reference]; undefined leaves it to SQS. */
  readonly rate: number | undefined;
  readonly signal: AbortSignal;
  onProgress?(moved: number, ofAbout: number): void;
  readonly pollMs?: number;
}

export interface Moved {
  /** SQS's own word: COMPLETED, FAILED, CANCELLED. */
  readonly status: string;
  /** Approximate, as SQS counts. */
  readonly moved: number;
  readonly ofAbout: number;
  readonly failure: string | undefined;
}

/** The cloud has no StartMessageMoveTask, as most emulators. */
export class NoMoveTasks extends Error {
  override readonly name = 'NoMoveTasks';
}

const POLL_MS = 1_000;

/**
 * SQS's own redrive of a whole queue. Aborting cancels it; what has moved by then stays moved.
 *
 * @throws NoMoveTasks where the cloud does not know the call; what SQS answers otherwise, such as that a task of this
 *   queue is already running
 */
export async function moveNatively(options: NativeOptions): Promise<Moved> {
  const { sqs, deadLettersArn, destinationArn, rate, signal, pollMs = POLL_MS } = options;
  const command = new StartMessageMoveTaskCommand({
    SourceArn: deadLettersArn,
    ...(destinationArn && { DestinationArn: destinationArn }),
    ...(rate && { MaxNumberOfMessagesPerSecond: rate }),
  });
  const { TaskHandle } = await sqs.send(command).catch(asNoMoveTasks);
  let cancelled = false;
  for (;;) {
    if (signal.aborted && !cancelled) {
      cancelled = true;
      // This fails where the task has just ended; the next look tells.
      await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle })).catch(() => undefined);
    }
    const { Results = [] } = await sqs.send(
      new ListMessageMoveTasksCommand({ SourceArn: deadLettersArn, MaxResults: 10 }),
    );
    // SQS names the handle only while the task runs; the newest task comes first.
    const moved = movedBy(Results.find((task) => task.TaskHandle === TaskHandle) ?? Results[0]);
    options.onProgress?.(moved.moved, moved.ofAbout);
    if (moved.status !== 'RUNNING' && moved.status !== 'CANCELLING') return moved;
    await delay(pollMs, undefined, { signal: cancelled ? undefined : signal }).catch(() => undefined);
  }
}

function movedBy(task: ListMessageMoveTasksResultEntry | undefined): Moved {
  return {
    status: task?.Status ?? 'RUNNING',
    moved: task?.ApproximateNumberOfMessagesMoved ?? 0,
    ofAbout: task?.ApproximateNumberOfMessagesToMove ?? 0,
    failure: task?.FailureReason,
  };
}

/** @throws NoMoveTasks in place of what an emulator answers */
function asNoMoveTasks(error: unknown): never {
  if (error instanceof Error && isAws(error.name, 'unknownCall')) {
    throw new NoMoveTasks(`this cloud has no StartMessageMoveTask (${error.name})`, { cause: error });
  }
  throw error;
}
