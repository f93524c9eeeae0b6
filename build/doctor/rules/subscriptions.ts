import type { Rule } from '../rule.ts';

export const subscriptionDenied: Rule = {
  id: 'subscription-denied',
  level: 'error',
  explain:
    'SNS needs the permission of the queue policy. What it may not send it does not try again: that goes to the dead-letter queue of the subscription, or is lost.',
  *check({ subscriptions, queues }) {
    for (const { topic, denied } of subscriptions) {
      for (const queue of denied.filter((id) => queues.has(id))) {
        yield {
          resource: queue,
          problem: `No policy of this queue lets the topic ${topic} send to it.`,
          remedy: 'Allow sns.amazonaws.com sqs:SendMessage on it, where aws:SourceArn is the topic.',
          numbers: {},
        };
      }
    }
  },
};

export const subscriptionNotRaw: Rule = {
  id: 'subscription-not-raw',
  level: 'error',
  explain:
    'Without raw delivery a queue gets an envelope of SNS with the message as a text in it. The worker finds no job there, and every message is a dead letter.',
  *check({ subscriptions, consumers }) {
    // Other people's functions may expect the envelope.
    const ours = new Set(
      consumers.flatMap(({ queue, worker }) => (Number.isNaN(worker.workerConcurrency) ? [] : queue.id)),
    );
    for (const { id, queue, raw } of subscriptions) {
      if (raw || !ours.has(queue)) continue;
      yield {
        resource: id,
        problem: `RawMessageDelivery is not true, and a worker consumes ${queue}.`,
        remedy: 'Set RawMessageDelivery: true.',
        numbers: {},
      };
    }
  },
};

export const subscriptionLosesMessages: Rule = {
  id: 'subscription-loses-messages',
  level: 'warning',
  explain:
    'What a queue refuses SNS discards, unless the subscription has a dead-letter queue: a message with more than ten attributes, or all of them while a policy is wrong.',
  *check({ subscriptions }) {
    for (const { id, deadLetters } of subscriptions) {
      if (deadLetters !== undefined) continue;
      yield {
        resource: id,
        problem: 'It has no RedrivePolicy.',
        remedy: "Set RedrivePolicy: { deadLetterTargetArn: ... }; the queue's own dead-letter queue will do.",
        numbers: {},
      };
    }
  },
};

export const filterScopeMissing: Rule = {
  id: 'filter-scope-missing',
  level: 'warning',
  explain:
    'A filter policy looks at message attributes unless it says otherwise. What is published without attributes then passes no filter, and nothing says so.',
  *check({ subscriptions }) {
    for (const { id, filtered, scoped } of subscriptions) {
      if (!filtered || scoped) continue;
      yield {
        resource: id,
        problem: 'It has a FilterPolicy and no FilterPolicyScope.',
        remedy: 'Set FilterPolicyScope to MessageBody, or to MessageAttributes if that is meant.',
        numbers: {},
      };
    }
  },
};
