import type { Subscription } from './model.ts';
import { type PropertyReader, UNTOLD } from './properties.ts';
import type { Find } from './read-references.ts';

/** The subscriptions of queues, with AWS's defaults: AWS::SNS::Subscription in the CloudFormation reference. */
export function subscriptionsOf(
  resources: readonly (readonly [string, PropertyReader])[],
  policies: readonly PropertyReader[],
  find: Find,
): Subscription[] {
  const statements = policies.flatMap(statementsOf);
  return resources.flatMap(([id, read]) => {
    if (read.text('Protocol') !== 'sqs') return [];
    const [topic, queue] = [find(read.text('TopicArn')), find(read.text('Endpoint'))];
    const target = read.value('RedrivePolicy.deadLetterTargetArn');
    const deadLetters = target === undefined ? undefined : find(String(target));
    const raw = read.value('RawMessageDelivery');
    const ends = [queue, ...(deadLetters === undefined ? [] : [deadLetters])];
    return {
      id,
      topic,
      queue,
      deadLetters,
      raw: raw === UNTOLD || String(raw) === 'true',
      filtered: read.value('FilterPolicy') !== undefined,
      scoped: read.value('FilterPolicyScope') !== undefined,
      denied: ends.filter((end) => !statements.some((statement) => admits(statement, topic, end, find))),
    };
  });
}

interface Statement {
  Effect?: unknown;
  Principal?: unknown;
  Action?: unknown;
  Resource?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

const SENDING = /^(sqs:SendMessage|sqs:\*|\*)$/i;
const SNS = 'sns.amazonaws.com';
/** Condition operators that compare `aws:SourceArn`. */
const COMPARISON = /^(ForAnyValue:)?(Arn|String)(Equals|Like)/;

const statementsOf = (policy: PropertyReader): Statement[] =>
  listOf(policy.value('PolicyDocument.Statement')) as Statement[];

/** Whether the statement lets the topic send to the queue. Conditions on anything but `aws:SourceArn` count as true. */
function admits(
  { Effect, Principal, Action, Resource, Condition = {} }: Statement,
  topic: string,
  queue: string,
  find: Find,
) {
  if (Effect !== 'Allow' || !isForSns(Principal)) return false;
  if (!listOf(Action).some((action) => SENDING.test(String(action)))) return false;
  if (!listOf(Resource).some((resource) => resource === '*' || find(String(resource)) === queue)) return false;
  const sources = Object.entries(Condition)
    .filter(([operator]) => COMPARISON.test(operator))
    .flatMap(([, keys]) => Object.entries(keys))
    .filter(([key]) => key.toLowerCase() === 'aws:sourcearn')
    .map(([, value]) => listOf(value).map((source) => find(String(source))));
  return sources.every((allowed) => allowed.some((source) => source === topic || source.endsWith('*')));
}

function isForSns(principal: unknown): boolean {
  if (principal === '*') return true;
  const { Service, AWS } = (principal ?? {}) as { Service?: unknown; AWS?: unknown };
  return listOf(Service).includes(SNS) || listOf(AWS).includes('*');
}

const listOf = (value: unknown): unknown[] => (value === undefined ? [] : [value].flat());
