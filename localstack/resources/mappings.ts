import type { MappingCommands } from '../lambda/mapping-commands.ts';
import { type Creator, noteIgnored } from '../template/creation.ts';

const KNOWN = [
  'EventSourceArn',
  'FunctionName',
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'ScalingConfig',
  'FunctionResponseTypes',
  'FilterCriteria',
  'Enabled',
  'Tags',
];

/** AWS::Lambda::EventSourceMapping of a queue. It starts to poll once everything is created. */
export function mappingCreator(commands: MappingCommands): Creator {
  return ({ id, properties }, note) => {
    if (!String(properties.EventSourceArn).startsWith('arn:aws:sqs:')) {
      note(`event source ${properties.EventSourceArn}: only queues are polled`);
      return { ref: id, attributes: { Id: id } };
    }
    const { mapping } = commands.create(properties);
    noteIgnored(properties, KNOWN, note);
    return { ref: mapping.configuration.uuid, attributes: { Id: mapping.configuration.uuid } };
  };
}
