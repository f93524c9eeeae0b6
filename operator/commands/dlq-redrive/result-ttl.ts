import { GetFunctionConfigurationCommand, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import type { QueueOfStage, Stage } from '../../stage/stage.ts';

const DAY_MS = 86_400_000;

/**
 * For how long the queue's consumer keeps results, in milliseconds; undefined where there is no consumer, or whoever
 * runs this may not look at it: then only `--max-age` knows what is too old.
 */
export async function resultTtlMs(
  { lambda }: Pick<Stage, 'lambda'>,
  { arn }: QueueOfStage,
): Promise<number | undefined> {
  try {
    const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ EventSourceArn: arn }));
    const FunctionName = EventSourceMappings[0]?.FunctionArn;
    if (!FunctionName) return undefined;
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const days = Number(Environment?.Variables?.RESULT_TTL_DAYS);
    return days > 0 ? days * DAY_MS : undefined;
  } catch {
    return undefined;
  }
}
