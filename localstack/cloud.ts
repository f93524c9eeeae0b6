import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CloudFormationService } from './cloudformation.ts';
import type { Limits } from './dynamodb/limits.ts';
import { DynamoDbService } from './dynamodb/service.ts';
import { Fauxqs } from './fauxqs/fauxqs.ts';
import type { LambdaFunction } from './functions/lambda-function.ts';
import { Gateway } from './gateway/gateway.ts';
import { health } from './gateway/health.ts';
import { AsyncInvocations } from './lambda/async-invocations.ts';
import { MappingCommands } from './lambda/mapping-commands.ts';
import { LambdaRegistry } from './lambda/registry.ts';
import { LambdaService } from './lambda/service.ts';
import type { EventSourceMapping } from './mapping/event-source-mapping.ts';
import { Permissions } from './permissions/permissions.ts';
import { functionCreator } from './resources/functions.ts';
import { mappingCreator } from './resources/mappings.ts';
import { queueCreator } from './resources/queues.ts';
import { policyCreator, roleCreator } from './resources/roles.ts';
import { ruleCreator, schedulerCreator } from './resources/schedules.ts';
import { tableCreator } from './resources/tables.ts';
import { bucketCreator, subscriptionCreator, topicCreator } from './resources/topics-and-buckets.ts';
import type { Schedule } from './schedules/schedule.ts';
import { SnsService } from './sns/service.ts';
import { inProcessClient } from './sqs/in-process-client.ts';
import { SqsService } from './sqs/service.ts';
import type { Creator } from './template/creation.ts';
import { createStack, type Stack } from './template/stack.ts';
import { readTemplate, stackName as stackNameOf } from './template/template.ts';

export interface CloudOptions {
  /** Path of the packaged CloudFormation template. The bundles are beside it. */
  template: string;
  /** Default 4566; 0 takes any free port. */
  port?: number;
  /** Variables by function name, added to the template's variables. */
  environment?: Record<string, Record<string, string>>;
  /**
   * Receives every line that a function writes, and the cloud's own under the name `cloud`. By default nothing is
   * logged.
   */
  onLog?: (line: string, functionName: string) => void;
  /** Slower or smaller tables, for tests and benchmarks. The object may be changed while the cloud runs. */
  tableLimits?: Limits;
  /** Seconds between two sweeps that delete expired items. Default 60. */
  ttlSweepSeconds?: number;
  /** Milliseconds before each retry of an asynchronous invocation. The default is AWS's: 60,000 and 120,000. */
  asyncRetryDelaysMs?: number[];
  /**
   * Whether functions are denied the calls that their roles do not allow. If false, such calls are only noted. Default
   * true.
   */
  enforcePermissions?: boolean;
}

/** A running cloud. */
export interface Cloud {
  /** Such as `http://127.0.0.1:4566`. A client needs nothing else. */
  endpoint: string;
  /** By function name. */
  functions: Map<string, LambdaFunction>;
  mappings: EventSourceMapping[];
  schedules: Schedule[];
  /** What the template declares and this cloud does not emulate, each with its reason. */
  notEmulated: string[];
  /** Every resource, by logical id. */
  stack: Stack;
  /** What functions may call, and what they have called. */
  permissions: Permissions;
  /** The limits of the tables; may be changed at any time. */
  tableLimits: Limits;
  /** Deletes expired items now, and resolves to their number. `now` is in seconds since 1970. */
  sweepExpired(now?: number): Promise<number>;
  /** Stops polling, waits up to 5 seconds for batches in flight, then ends every process and closes the port. */
  close(): Promise<void>;
}

const DEFAULT_PORT = 4566;
const ACCOUNT_ID = '000000000000';
const CLOSING_GRACE_MS = 5_000;

/**
 * Starts a LocalStack-compatible cloud on one port, with everything that the packaged template declares.
 * @throws {PortError} when the port is taken, {TemplateError} when something in the template cannot be created
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const template = readTemplate(options.template);
  const world = new World(options, stackNameOf(options.template));
  const cloudformation = new CloudFormationService(world.stackName, template);
  let stack: Stack | undefined;
  const gateway = new Gateway(
    {
      check: (request) => world.permissions.check(request),
      sqsJson: (request) => world.sqs.handleJson(request),
      sqsForm: (request, form) => world.sqs.handleForm(request, form),
      dynamodb: (request) => world.dynamodb.handle(request),
      lambda: (request) => world.lambda.handle(request),
      cloudformation: (_, form) => cloudformation.handle(form),
      sns: (request, form) => world.sns.handle(request, form),
      sts: (request) => world.fauxqs.handleForm(request),
      s3: (request, response) => world.fauxqs.handleS3(request, response),
      health: () => health(stack ? world.pendingMappings() : ['resources']),
    },
    world.log,
  );
  try {
    await world.fauxqs.ready();
    const port = await gateway.listen(options.port ?? DEFAULT_PORT);
    const endpoint = `http://127.0.0.1:${port}`;
    stack = await createStack(template, world.creators(endpoint), world.pseudo);
    cloudformation.finish(stack);
    for (const { mapping } of world.registry.mappings.values()) mapping.start();
    return world.asCloud(endpoint, stack, gateway);
  } catch (error) {
    await world.close();
    await gateway.close();
    throw error;
  }
}

/** Everything behind the port. */
class World {
  readonly region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1';
  readonly stackName: string;
  readonly log: (line: string) => void;
  readonly registry = new LambdaRegistry();
  readonly sqs = new SqsService(this.region);
  readonly fauxqs = new Fauxqs(this.sqs.store, this.region);
  readonly sns: SnsService;
  readonly permissions: Permissions;
  readonly dynamodb: DynamoDbService;
  readonly lambda: LambdaService;
  readonly #options: CloudOptions;
  readonly #limits: Limits;
  readonly #commands: MappingCommands;
  readonly #asynchronous: AsyncInvocations;
  readonly #schedules: Schedule[] = [];
  readonly #codeDirectory = mkdtempSync(path.join(tmpdir(), 'sluice-'));

  constructor(options: CloudOptions, stackName: string) {
    const { registry, sqs, region } = this;
    this.#options = options;
    const hasObject = (bucket: string, key: string) => this.fauxqs.hasObject(bucket, key);
    const permissions = new Permissions(
      { region, accountId: ACCOUNT_ID },
      options.enforcePermissions ?? true,
      hasObject,
    );
    this.permissions = permissions;
    this.stackName = stackName;
    this.#limits = options.tableLimits ?? {};
    this.log = (line) => options.onLog?.(line, 'cloud');
    this.sns = new SnsService(this.fauxqs, sqs.store, this.log);
    this.dynamodb = new DynamoDbService({
      limits: this.#limits,
      ...(options.ttlSweepSeconds !== undefined && { ttlSweepSeconds: options.ttlSweepSeconds }),
    });
    this.#asynchronous = new AsyncInvocations(this.log, options.asyncRetryDelaysMs);
    const client = inProcessClient(sqs, region);
    const queues = sqs.store;
    this.#commands = new MappingCommands({ registry, permissions, queues, sqs: client, region, log: this.log });
    this.lambda = new LambdaService(registry, this.#asynchronous, this.#commands);
  }

  get pseudo() {
    return { region: this.region, accountId: ACCOUNT_ID, stackName: this.stackName };
  }

  creators(endpoint: string): Record<string, Creator> {
    const { region, stackName, registry, fauxqs, permissions } = this;
    const roles = { ...this.pseudo, permissions };
    const schedules = { ...this.pseudo, registry, invocations: this.#asynchronous, schedules: this.#schedules };
    const settings = {
      ...this.pseudo,
      packageDirectory: path.dirname(this.#options.template),
      codeDirectory: this.#codeDirectory,
      endpoint,
      permissions,
      overrides: this.#options.environment ?? {},
      log: this.#options.onLog ?? (() => {}),
    };
    return {
      'AWS::SQS::Queue': queueCreator(this.sqs, new URL(endpoint).host, stackName),
      'AWS::SNS::Topic': topicCreator(fauxqs, region, stackName),
      'AWS::SNS::Subscription': subscriptionCreator(fauxqs),
      'AWS::S3::Bucket': bucketCreator(fauxqs, region, stackName),
      'AWS::DynamoDB::Table': tableCreator(this.dynamodb, stackName),
      'AWS::IAM::Role': roleCreator(roles),
      'AWS::IAM::Policy': policyCreator(roles),
      'AWS::Lambda::Function': functionCreator(registry, settings),
      'AWS::Lambda::EventSourceMapping': mappingCreator(this.#commands),
      'AWS::Events::Rule': ruleCreator(schedules),
      'AWS::Scheduler::Schedule': schedulerCreator(schedules),
    };
  }

  pendingMappings(): string[] {
    return [...this.registry.mappings.values()].flatMap(({ mapping }) =>
      mapping.state() === 'Enabling' ? [`mapping ${mapping.configuration.queueArn}`] : [],
    );
  }

  asCloud(endpoint: string, stack: Stack, gateway: Gateway): Cloud {
    const { registry, dynamodb, permissions } = this;
    return {
      endpoint,
      functions: new Map([...registry.functions].map(([name, { lambda }]) => [name, lambda])),
      mappings: [...registry.mappings.values()].map(({ mapping }) => mapping),
      schedules: this.#schedules,
      notEmulated: stack.notEmulated,
      stack,
      permissions,
      tableLimits: this.#limits,
      sweepExpired: (now) => dynamodb.timeToLive.sweep(now),
      close: async () => {
        await this.close();
        await gateway.close();
        await dynamodb.close();
      },
    };
  }

  /** The port stays open meanwhile, because a batch in flight still needs its queue and its table. */
  async close() {
    for (const schedule of this.#schedules) schedule.stop();
    this.#asynchronous.close();
    const stopped = [...this.registry.mappings.values()].map(({ mapping }) => mapping.stop());
    const grace = new AbortController();
    await Promise.race([
      Promise.allSettled(stopped),
      delay(CLOSING_GRACE_MS, undefined, { signal: grace.signal, ref: false }).catch(() => {}),
    ]);
    grace.abort();
    await Promise.all([...this.registry.functions.values()].map(({ lambda }) => lambda.close()));
    await Promise.allSettled(stopped);
    this.sqs.close();
    await this.fauxqs.close();
    rmSync(this.#codeDirectory, { recursive: true, force: true });
  }
}
