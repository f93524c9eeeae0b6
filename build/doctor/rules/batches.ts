import { Deadline } from '../../../src/engine/deadline.ts';
import { grouped } from '../figures.ts';
import type { Consumer } from '../model.ts';
import type { Rule } from '../rule.ts';

/** An invocation's payload, and so a batch, has at most 6 MB [Lambda quotas]. */
const PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Milliseconds that one run of a job may take, unless its type sets another limit (`timeLimitMs` in src/job.ts). */
const TIME_LIMIT_MS = 10_000;

/** The most jobs that one slot runs for a batch, one after another. */
const rounds = ({ mapping, worker }: Consumer): number => Math.ceil(mapping.batchSize / worker.workerConcurrency);

function numbersOf({ mapping, queue, worker }: Consumer) {
  return {
    BatchSize: mapping.batchSize,
    WORKER_CONCURRENCY: worker.workerConcurrency,
    JobSeconds: queue.expected.jobSeconds,
    Timeout: worker.timeoutSeconds,
  };
}

export const batchExceedsTimeout: Rule = {
  id: 'batch-exceeds-timeout',
  level: 'error',
  explain:
    'A full batch takes longer than the function may run. What has not started goes back to the queue, time after time: the queue never drains, and after four days of that healthy messages are dead-lettered. Counted with the job time that custom.queues declares.',
  *check({ consumers }) {
    for (const consumer of consumers) {
      const { mapping, queue, worker } = consumer;
      const seconds = round(rounds(consumer) * queue.expected.jobSeconds);
      if (!(seconds > worker.timeoutSeconds)) continue;
      yield {
        resource: mapping.id,
        problem: `A batch of ${grouped(mapping.batchSize)}, ${worker.workerConcurrency} at once, at ${queue.expected.jobSeconds} s a job takes ${seconds} s; ${worker.id} may run for ${worker.timeoutSeconds} s.`,
        remedy: `Lower the batch size to ${fittingBatch(consumer, worker.timeoutSeconds)}, or raise workerConcurrency or timeout.`,
        numbers: { ...numbersOf(consumer), seconds },
      };
    }
  },
};

export const batchStartsLate: Rule = {
  id: 'batch-starts-late',
  level: 'warning',
  explain:
    'The worker starts a job only while the invocation has its whole time limit left (10 s by default) and the time to settle. The last jobs of a full batch would come later than that, and go back to the queue at each peak.',
  *check({ consumers }) {
    for (const consumer of consumers) {
      const { mapping, queue, worker } = consumer;
      const starts = round((rounds(consumer) - 1) * queue.expected.jobSeconds);
      const latest = latestStart(worker.timeoutSeconds);
      const finishes = starts + queue.expected.jobSeconds <= worker.timeoutSeconds;
      if (!finishes || !(starts > latest)) continue;
      yield {
        resource: mapping.id,
        problem: `In a batch of ${grouped(mapping.batchSize)}, ${worker.workerConcurrency} at once, at ${queue.expected.jobSeconds} s a job the last would start after ${starts} s; ${worker.id} starts none after ${latest} s.`,
        remedy: `Lower the batch size to ${fittingBatch(consumer, latest + queue.expected.jobSeconds)}, or raise workerConcurrency or timeout.`,
        numbers: { ...numbersOf(consumer), starts, latest },
      };
    }
  },
};

/** Seconds after which an invocation starts no more jobs, from the worker's own deadline. */
export function latestStart(timeoutSeconds: number): number {
  const deadline = new Deadline(timeoutSeconds * 1000, () => 0);
  return round((deadline.abortAt - (deadline.limitFor(TIME_LIMIT_MS) ?? 0)) / 1000);
}

function fittingBatch({ queue, worker }: Consumer, seconds: number): number {
  return Math.max(1, Math.floor(round(seconds / queue.expected.jobSeconds)) * worker.workerConcurrency);
}

/** Removes rounding errors: 3 x 0.1 gives 0.30000000000000004. */
const round = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

export const batchExceedsPayload: Rule = {
  id: 'batch-exceeds-payload',
  level: 'error',
  explain:
    'Lambda closes a batch at 6 MB, so a batch of this size never comes: what was reckoned with it (cost, concurrency, table load) is wrong. Counted with the message size that custom.queues declares; MaximumMessageSize would say nothing, since hardly any message is that large. Lambda counts the fields around each body too, so the true limit is lower.',
  *check({ consumers }) {
    for (const { mapping, queue } of consumers) {
      const bytes = mapping.batchSize * queue.expected.messageBytes;
      if (!(bytes > PAYLOAD_BYTES)) continue;
      yield {
        resource: mapping.id,
        problem: `${grouped(mapping.batchSize)} messages of ${grouped(queue.expected.messageBytes)} bytes are ${grouped(bytes)} bytes; Lambda closes a batch at ${grouped(PAYLOAD_BYTES)}.`,
        remedy: `Lower the batch size to ${Math.max(1, Math.floor(PAYLOAD_BYTES / queue.expected.messageBytes))} or less.`,
        numbers: {
          BatchSize: mapping.batchSize,
          MessageBytes: queue.expected.messageBytes,
          bytes,
          most: PAYLOAD_BYTES,
        },
      };
    }
  },
};
