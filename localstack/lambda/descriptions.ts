import type { FunctionRecord, MappingRecord } from './registry.ts';

/** A function as ListFunctions and GetFunctionConfiguration describe it. */
export function describeFunction(record: FunctionRecord) {
  const { name, arn, handler, memoryMegabytes, timeoutSeconds } = record.lambda.configuration;
  return {
    FunctionName: name,
    FunctionArn: arn,
    Runtime: record.runtime,
    Role: record.role,
    Handler: handler,
    CodeSize: record.codeBytes,
    CodeSha256: record.codeSha256,
    Description: record.description,
    Timeout: timeoutSeconds,
    MemorySize: memoryMegabytes,
    LastModified: record.lastModified.toISOString().replace('Z', '+0000'),
    Version: '$LATEST',
    Environment: { Variables: record.variables },
    PackageType: 'Zip',
    Architectures: record.architectures,
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}

/** A mapping as the event source mapping calls describe it. */
export function describeMapping({ mapping, lastModified }: MappingRecord) {
  const { configuration } = mapping;
  return {
    UUID: configuration.uuid,
    BatchSize: configuration.batchSize,
    MaximumBatchingWindowInSeconds: configuration.windowSeconds,
    EventSourceArn: configuration.queueArn,
    FunctionArn: configuration.functionArn,
    LastModified: lastModified.getTime() / 1000,
    LastProcessingResult: mapping.lastProcessingResult(),
    State: mapping.state(),
    StateTransitionReason: 'USER_INITIATED',
    FunctionResponseTypes: configuration.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    ...(configuration.maximumConcurrency !== undefined && {
      ScalingConfig: { MaximumConcurrency: configuration.maximumConcurrency },
    }),
    ...(configuration.filterCriteria !== undefined && { FilterCriteria: configuration.filterCriteria }),
  };
}
