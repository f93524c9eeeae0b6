import type { Rule } from '../rule.ts';

export const recursionTerminates: Rule = {
  id: 'recursion-terminates',
  level: 'error',
  explain:
    'Lambda takes what a function sends back to its own queue for a loop, and after about 16 rounds drops the message: minutes of an outage that messages are meant to outlast.',
  *check({ consumers }) {
    for (const { queue, worker } of consumers) {
      const { id, recursiveLoop, sendsTo } = worker;
      if (recursiveLoop === undefined || recursiveLoop === 'Allow') continue;
      if (!sendsTo.has(queue.id) && !sendsTo.has('*')) continue;
      yield {
        resource: id,
        problem: `It consumes ${queue.id} and may send to it, and RecursiveLoop is ${recursiveLoop}.`,
        remedy:
          'Set RecursiveLoop: Allow (infra/recursion.js does), or take sqs:SendMessage on that queue from its role.',
        numbers: {},
      };
    }
  },
};
