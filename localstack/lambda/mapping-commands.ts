import { randomUUID } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { checkMapping, checkVisibility, InvalidMappingError } from '../mapping/configuration.ts';
import { EventSourceMapping, type MappingConfiguration } from '../mapping/event-source-mapping.ts';
import { compileFilter } from '../mapping/filter.ts';
import { InvalidFilterError } from '../mapping/filter-rule.ts';
import type { Permissions } from '../permissions/permissions.ts';
import type { QueueStore } from '../sqs/store.ts';
import { invalidParameter, LambdaError, type LambdaRegistry, type MappingRecord } from './registry.ts';

/** The body of CreateEventSourceMapping, and the properties of AWS::Lambda::EventSourceMapping. */
export interface MappingInput {
  EventSourceArn?: string;
  FunctionName?: string;
  BatchSize?: number;
  MaximumBatchingWindowInSeconds?: number;
  ScalingConfig?: { MaximumConcurrency?: number };
  FunctionResponseTypes?: string[];
  FilterCriteria?: unknown;
  Enabled?: boolean | string;
}

interface Dependencies {
  registry: LambdaRegistry;
  permissions: Permissions;
  queues: QueueStore;
  sqs: SQSClient;
  region: string;
  log: (line: string) => void;
}

/** The permissions that polling a queue needs [Lambda: using Lambda with Amazon SQS]. */
const POLLING = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];

/** Creates, changes and removes event source mappings, by Lambda's rules. */
export class MappingCommands {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** The new mapping does not poll until it is started. @throws {LambdaError} */
  create(input: MappingInput): MappingRecord {
    const { registry, queues, sqs, region, log } = this.#dependencies;
    const { lambda } = registry.function(input.FunctionName ?? '');
    const queueArn = input.EventSourceArn ?? '';
    if (!queueArn.startsWith('arn:aws:sqs:')) {
      throw invalidParameter(`Only SQS queues are event sources here, not ${queueArn || 'nothing'}.`);
    }
    const queue = queues.getQueueByArn(queueArn);
    if (!queue) throw invalidParameter(`The queue ${queueArn} does not exist.`);
    if (this.#exists(queueArn, lambda.configuration.arn)) {
      throw new LambdaError(
        'ResourceConflictException',
        `${lambda.configuration.name} already reads from ${queueArn}.`,
        409,
      );
    }
    const maximumConcurrency = input.ScalingConfig?.MaximumConcurrency;
    const configuration: MappingConfiguration = {
      uuid: randomUUID(),
      queueUrl: queue.url,
      queueArn,
      functionArn: lambda.configuration.arn,
      region,
      batchSize: Number(input.BatchSize ?? 10),
      windowSeconds: Number(input.MaximumBatchingWindowInSeconds ?? 0),
      ...(maximumConcurrency !== undefined && { maximumConcurrency: Number(maximumConcurrency) }),
      reportBatchItemFailures: input.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
      ...(input.FilterCriteria !== undefined && { filterCriteria: input.FilterCriteria }),
      enabled: String(input.Enabled ?? true) === 'true',
    };
    this.#check(configuration);
    this.#checkRole(lambda.configuration.name, queueArn);
    const record = {
      mapping: new EventSourceMapping(configuration, { sqs, function: lambda, log }),
      lastModified: new Date(),
    };
    registry.mappings.set(configuration.uuid, record);
    return record;
  }

  /**
   * Takes effect while the mapping polls. Batches in flight finish with the old settings, and this does not wait for
   * them. @throws {LambdaError}
   */
  update(uuid: string, input: MappingInput): MappingRecord {
    const { registry, log } = this.#dependencies;
    const record = registry.mapping(uuid);
    const changes: Partial<MappingConfiguration> = {
      ...(input.BatchSize !== undefined && { batchSize: Number(input.BatchSize) }),
      ...(input.MaximumBatchingWindowInSeconds !== undefined && {
        windowSeconds: Number(input.MaximumBatchingWindowInSeconds),
      }),
      ...(input.ScalingConfig?.MaximumConcurrency !== undefined && {
        maximumConcurrency: Number(input.ScalingConfig.MaximumConcurrency),
      }),
      ...(input.FunctionResponseTypes && {
        reportBatchItemFailures: input.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      }),
      ...(input.FilterCriteria !== undefined && { filterCriteria: input.FilterCriteria }),
      ...(input.Enabled !== undefined && { enabled: String(input.Enabled) === 'true' }),
    };
    this.#check({ ...record.mapping.configuration, ...changes });
    record.mapping.update(changes).catch((error) => log(`mapping ${uuid} was not changed: ${error.message}`));
    record.lastModified = new Date();
    return record;
  }

  /** Stops polling. Batches in flight finish. */
  remove(uuid: string): MappingRecord {
    const record = this.#dependencies.registry.mapping(uuid);
    this.#dependencies.registry.mappings.delete(uuid);
    record.mapping.stop().catch((error) => this.#dependencies.log(`mapping ${uuid} did not stop: ${error.message}`));
    return record;
  }

  /** Lambda polls in the function's name. It refuses a mapping if the function's role does not allow that. */
  #checkRole(functionName: string, resource: string) {
    for (const name of POLLING) {
      if (this.#dependencies.permissions.permit(functionName, { action: `sqs:${name}`, resource })) continue;
      throw invalidParameter(`The provided execution role does not have permissions to call ${name} on SQS`);
    }
  }

  #exists(queueArn: string, functionArn: string): boolean {
    const all = [...this.#dependencies.registry.mappings.values()].map(({ mapping }) => mapping.configuration);
    return all.some((other) => other.queueArn === queueArn && other.functionArn === functionArn);
  }

  /** Checks as Lambda does: a deployment that works here must also work there. */
  #check(configuration: MappingConfiguration) {
    const { registry, queues } = this.#dependencies;
    const queue = queues.getQueueByArn(configuration.queueArn);
    try {
      checkMapping(configuration);
      compileFilter(configuration.filterCriteria);
      checkVisibility({
        functionTimeout: registry.function(configuration.functionArn).lambda.configuration.timeoutSeconds,
        visibilityTimeout: Number(queue?.attributes.VisibilityTimeout ?? 0),
      });
    } catch (error) {
      const isRefusal = error instanceof InvalidMappingError || error instanceof InvalidFilterError;
      throw isRefusal ? invalidParameter(error.message) : error;
    }
  }
}
