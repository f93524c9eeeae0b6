import type { LambdaFunction, Model } from '../model.ts';
import type { Rule } from '../rule.ts';

/** The functions of a protected stage: those whose table refuses to be deleted. */
function protectedFunctions({ functions, tables }: Model): LambdaFunction[] {
  return [...functions.values()].filter(({ table }) => tables.get(table ?? '')?.isProtected);
}

export const webhooksUnguarded: Rule = {
  id: 'webhooks-unguarded',
  level: 'error',
  explain:
    'Whoever may send a job chooses where its webhook goes. With private addresses that is every service of the network, and with a wildcard every host that somebody can get a name for; both come from one developer’s .env without a sound.',
  *check(model) {
    for (const { id, webhooks } of protectedFunctions(model)) {
      if (webhooks.reachPrivate) {
        yield {
          resource: id,
          problem: 'Its stage is protected, and WEBHOOK_PRIVATE_ADDRESSES is allow.',
          remedy: 'Take it out of .env and of the environment; the stage says refuse.',
          numbers: {},
        };
      }
      const wide = webhooks.allowedHosts.filter((host) => host.includes('*'));
      if (wide.length > 0) {
        yield {
          resource: id,
          problem: `Its stage is protected, and WEBHOOK_ALLOWED_HOSTS holds ${wide.join(', ')}.`,
          remedy: 'Name each host, and its port where it is not 443.',
          numbers: {},
        };
      }
    }
  },
};

export const webhooksUnsigned: Rule = {
  id: 'webhooks-unsigned',
  level: 'warning',
  explain: 'Without a signature a receiver cannot tell a delivery from what anybody else posts to the same address.',
  *check(model) {
    for (const { id, webhooks } of protectedFunctions(model)) {
      if (webhooks.allowedHosts.length === 0 || webhooks.signed) continue;
      yield {
        resource: id,
        problem: 'Its stage is protected and may deliver webhooks, and WEBHOOK_SECRETS is empty.',
        remedy: 'Give it a secret: see .env.sample.',
        numbers: {},
      };
    }
  },
};
