import { GetFunctionConfigurationCommand, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import type { QueueOfStage, Stage } from './stage.ts';

/** What a queue's consumer is told, as it is deployed: its environment variables. */
export type ConsumerVariables = Readonly<Record<string, string>>;

/** @returns undefined where the queue has no consumer, or whoever runs this may not look at it */
export async function consumerVariables(
  { lambda }: Pick<Stage, 'lambda'>,
  { arn }: Pick<QueueOfStage, 'arn'>,
): Promise<ConsumerVariables | undefined> {
  try {
    const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ EventSourceArn: arn }));
    const FunctionName = EventSourceMappings[0]?.FunctionArn;
    if (!FunctionName) return undefined;
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    return Environment?.Variables ?? {};
  } catch {
    return undefined;
  }
}
