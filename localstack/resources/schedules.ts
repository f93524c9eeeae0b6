import { randomUUID } from 'node:crypto';
import type { AsyncInvocations } from '../lambda/async-invocations.ts';
import type { LambdaRegistry } from '../lambda/registry.ts';
import { Schedule } from '../schedules/schedule.ts';
import { type Creator, type Declaration, generatedName } from '../template/creation.ts';
import { TemplateError } from '../template/template.ts';

export interface ScheduleSettings {
  registry: LambdaRegistry;
  invocations: AsyncInvocations;
  schedules: Schedule[];
  region: string;
  accountId: string;
  stackName: string;
}

/** AWS::Events::Rule with a schedule and Lambda functions as targets. */
export function ruleCreator(settings: ScheduleSettings): Creator {
  return (declaration, note) => {
    const { id, properties } = declaration;
    const name = properties.Name ?? generatedName(settings.stackName, id);
    const arn = `arn:aws:events:${settings.region}:${settings.accountId}:rule/${name}`;
    if (properties.EventPattern) note('EventPattern: there is no event bus here; only schedules fire');
    for (const target of properties.ScheduleExpression && properties.State !== 'DISABLED'
      ? (properties.Targets ?? [])
      : []) {
      const event = () => target.Input ?? JSON.stringify(scheduledEvent(settings, arn));
      if (target.InputPath || target.InputTransformer) note(`input of target ${target.Id}: it gets the whole event`);
      add(settings, declaration, { expression: properties.ScheduleExpression, arn: target.Arn, event, note });
    }
    return { ref: name, attributes: { Arn: arn } };
  };
}

/** AWS::Scheduler::Schedule with a Lambda function as its target. */
export function schedulerCreator(settings: ScheduleSettings): Creator {
  return (declaration, note) => {
    const { id, properties } = declaration;
    const name = properties.Name ?? generatedName(settings.stackName, id);
    const { Target, ScheduleExpression, ScheduleExpressionTimezone: timezone } = properties;
    if (properties.State !== 'DISABLED') {
      const event = () => Target?.Input ?? '{}';
      add(settings, declaration, { expression: ScheduleExpression, timezone, arn: Target?.Arn, event, note });
    }
    const Arn = `arn:aws:scheduler:${settings.region}:${settings.accountId}:schedule/default/${name}`;
    return { ref: name, attributes: { Arn } };
  };
}

interface Firing {
  expression: string;
  timezone?: string;
  arn: string;
  event: () => string;
  note: (reason: string) => void;
}

function add({ registry, invocations, schedules }: ScheduleSettings, { id }: Declaration, firing: Firing) {
  const { expression, timezone, arn, event, note } = firing;
  if (!arn?.includes(':lambda:')) return note(`target ${arn}: only functions are invoked`);
  const { lambda } = registry.function(arn);
  try {
    schedules.push(new Schedule(expression, () => invocations.accept(lambda, event()), timezone));
  } catch (error) {
    throw new TemplateError(`${id}: ${(error as Error).message}`);
  }
}

/** The event that EventBridge sends to a target without its own input. */
const scheduledEvent = ({ accountId, region }: ScheduleSettings, ruleArn: string) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: accountId,
  time: `${new Date().toISOString().slice(0, 19)}Z`,
  region,
  resources: [ruleArn],
  detail: {},
});
