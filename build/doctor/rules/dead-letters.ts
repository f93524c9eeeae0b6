import { days, grouped } from '../figures.ts';
import type { Model, Queue } from '../model.ts';
import type { Rule } from '../rule.ts';

const DAY = 86_400;
const KEPT_DAYS = 14;

/** Each queue with the dead-letter queue of its redrive policy, where both are in the template. */
function* redrives({ queues }: Model): Generator<{ queue: Queue; dead: Queue }> {
  for (const queue of queues.values()) {
    const dead = queues.get(queue.redrive?.target ?? '');
    if (dead) yield { queue, dead };
  }
}

export const deadLetterQueueMissing: Rule = {
  id: 'dead-letter-queue-missing',
  level: 'error',
  explain:
    'Without a redrive policy a message that always fails comes back until its retention ends, costs an invocation each time, and then is lost without a trace.',
  *check({ consumers }) {
    for (const { queue, worker } of consumers) {
      if (queue.redrive) continue;
      yield {
        resource: queue.id,
        problem: `${worker.id} consumes this queue, and it has no RedrivePolicy.`,
        remedy: 'Give it a dead-letter queue, with maxReceiveCount 3 to 5.',
        numbers: {},
      };
    }
  },
};

export const deadLetterCircle: Rule = {
  id: 'dead-letter-circle',
  level: 'error',
  explain: 'A message that always fails goes round for ever and is never seen.',
  *check({ queues }) {
    for (const queue of queues.values()) {
      const path = [queue.id];
      let next = queue.redrive?.target;
      while (next && !path.includes(next)) {
        path.push(next);
        next = queues.get(next)?.redrive?.target;
      }
      if (next !== queue.id) continue;
      yield {
        resource: queue.id,
        problem: `Its dead letters come back to it: ${[...path, queue.id].join(' -> ')}.`,
        remedy: 'Let the last dead-letter queue have no RedrivePolicy.',
        numbers: {},
      };
    }
  },
};

export const deadLetterType: Rule = {
  id: 'dead-letter-type',
  level: 'error',
  explain: 'SQS: the dead-letter queue of a FIFO queue must be a FIFO queue, and of a standard queue a standard one.',
  *check(model) {
    for (const { queue, dead } of redrives(model)) {
      if (queue.fifo === dead.fifo) continue;
      yield {
        resource: queue.id,
        problem: `It is a ${kind(queue)} queue, and its dead-letter queue ${dead.id} is a ${kind(dead)} one.`,
        remedy: `Make ${dead.id} a ${kind(queue)} queue.`,
        numbers: {},
      };
    }
  },
};

export const deadLetterShared: Rule = {
  id: 'dead-letter-shared',
  level: 'warning',
  explain:
    'Dead letters of several queues lie mixed, and SQS moves all of them back to one queue: StartMessageMoveTask takes no filter. A queue and its retry queue share theirs on purpose, since a job starts anew on the main queue.',
  *check(model) {
    const sources = Map.groupBy(redrives(model), ({ dead }) => dead.id);
    for (const [dead, all] of sources) {
      const shared = all.filter(({ queue }) => !isRetryQueueBeside(model, queue, all));
      if (shared.length < 2) continue;
      yield {
        resource: dead,
        problem: `It is the dead-letter queue of ${shared.map(({ queue }) => queue.id).join(', ')}.`,
        remedy: 'Give each queue a dead-letter queue of its own.',
        numbers: { queues: shared.length },
      };
    }
  },
};

/** Whether one function consumes the queue as its retry queue, and another one of these as its main queue. */
function isRetryQueueBeside({ consumers }: Model, { id }: Queue, sources: readonly { queue: Queue }[]): boolean {
  return consumers.some(
    ({ queue, worker }) =>
      queue.id !== id && worker.retryQueue?.queue === id && sources.some((source) => source.queue.id === queue.id),
  );
}

export const deadLetterRetention: Rule = {
  id: 'dead-letter-retention',
  level: 'error',
  explain:
    'On standard queues the retention of a dead letter counts from its first enqueueing, so one that waited long arrives with little time left, or none: SQS deletes it before anybody looks. On FIFO queues it starts anew.',
  *check(model) {
    for (const { queue, dead } of redrives(model)) {
      if (queue.fifo || !(dead.retentionSeconds <= queue.retentionSeconds)) continue;
      yield {
        resource: dead.id,
        problem: `MessageRetentionPeriod is ${days(dead.retentionSeconds)}, not longer than the ${days(queue.retentionSeconds)} of ${queue.id}.`,
        remedy: `Set it to ${KEPT_DAYS * DAY} (${KEPT_DAYS} days), or shorten that of ${queue.id}.`,
        numbers: { MessageRetentionPeriod: dead.retentionSeconds, [queue.id]: queue.retentionSeconds },
      };
    }
  },
};

export const deadLetterRetentionShort: Rule = {
  id: 'dead-letter-retention-short',
  level: 'warning',
  explain: `Dead letters wait for people, and people have holidays: SQS keeps messages for up to ${KEPT_DAYS} days at no price.`,
  *check(model) {
    const last = new Set([...redrives(model)].map(({ dead }) => dead).filter(({ redrive }) => !redrive));
    for (const { id, retentionSeconds } of last) {
      if (!(retentionSeconds < KEPT_DAYS * DAY)) continue;
      yield {
        resource: id,
        problem: `MessageRetentionPeriod is ${days(retentionSeconds)}.`,
        remedy: `Set it to ${KEPT_DAYS * DAY} (${KEPT_DAYS} days).`,
        numbers: { MessageRetentionPeriod: retentionSeconds, most: KEPT_DAYS * DAY },
      };
    }
  },
};

export const deadLetterSmaller: Rule = {
  id: 'dead-letter-smaller',
  level: 'warning',
  explain:
    'SQS refuses the copy of a large message, so it burns its receives until SQS itself moves it, without its reason. A queue that does not set MaximumMessageSize takes 1,048,576 bytes.',
  *check(model) {
    for (const { queue, dead } of redrives(model)) {
      if (!(dead.maximumMessageBytes < queue.maximumMessageBytes)) continue;
      yield {
        resource: dead.id,
        problem: `It takes messages of ${grouped(dead.maximumMessageBytes)} bytes, and ${queue.id} of ${grouped(queue.maximumMessageBytes)}.`,
        remedy: `Set MaximumMessageSize to ${queue.maximumMessageBytes}.`,
        numbers: { MaximumMessageSize: dead.maximumMessageBytes, [queue.id]: queue.maximumMessageBytes },
      };
    }
  },
};

export const deadLettersUnwatched: Rule = {
  id: 'dead-letters-unwatched',
  level: 'warning',
  explain:
    'Dead letters that nobody is told of expire. NumberOfMessagesSent does not count what a redrive policy moves; ApproximateNumberOfMessagesVisible does.',
  *check(model) {
    const consumed = new Set(model.mappings.map(({ queue }) => queue));
    const unwatched = new Set([...redrives(model)].map(({ dead }) => dead.id).filter((id) => !model.watched.has(id)));
    for (const id of unwatched.difference(consumed)) {
      yield {
        resource: id,
        problem: 'No alarm watches its ApproximateNumberOfMessagesVisible.',
        remedy: 'Add an alarm on it, with threshold 0.',
        numbers: {},
      };
    }
  },
};

const kind = ({ fifo }: Queue): string => (fifo ? 'FIFO' : 'standard');
