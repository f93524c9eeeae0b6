import type { PropertyReader } from './properties.ts';
import type { Find } from './read-references.ts';

interface Statement {
  Effect?: unknown;
  Action?: unknown;
  Resource?: unknown;
}

const SENDING: ReadonlySet<unknown> = new Set(['sqs:SendMessage', 'sqs:*', '*']);

/**
 * The queues that a role's own policies allow a function to send to, and `*` for all. Name patterns are not followed.
 */
export function queuesSentTo(role: PropertyReader | undefined, find: Find): Set<string> {
  const policies = listOf(role?.value('Policies')) as { PolicyDocument?: { Statement?: unknown } }[];
  const statements = policies.flatMap(({ PolicyDocument }) => listOf(PolicyDocument?.Statement)) as Statement[];
  const sending = statements.filter(
    ({ Effect, Action }) => Effect === 'Allow' && listOf(Action).some((action) => SENDING.has(action)),
  );
  return new Set(sending.flatMap(({ Resource }) => listOf(Resource)).map((resource) => find(String(resource))));
}

const listOf = (value: unknown): unknown[] => (value === undefined ? [] : [value].flat());
