/**
 * What the rules look at: the parts of a CloudFormation template that decide how queues and functions get along, with
 * AWS's defaults filled in. Links are logical ids. Whatever the template does not tell (a reference to a parameter, say)
 * is NaN where it is a number: every comparison with it is false, so a rule that asks for the bad case
 * (`visibility < timeout`, never `!(visibility >= timeout)`) keeps silent, and `unknown` says what was not checked.
 */
export interface Model {
  readonly queues: ReadonlyMap<string, Queue>;
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly tables: ReadonlyMap<string, Table>;
  /** Every event source mapping of a queue. */
  readonly mappings: readonly Mapping[];
  /** Those of which the template holds both queue and function. */
  readonly consumers: readonly Consumer[];
  /** Logical ids of the queues that some alarm watches for waiting messages. */
  readonly watched: ReadonlySet<string>;
  readonly unknown: readonly Unknown[];
}

/** AWS::SQS::Queue. */
export interface Queue {
  readonly id: string;
  /** Where the template leaves it to CloudFormation, or to a parameter, undefined. */
  readonly name: string | undefined;
  readonly fifo: boolean;
  readonly visibilitySeconds: number;
  readonly retentionSeconds: number;
  readonly delaySeconds: number;
  /** Long polling: how long a receive waits for messages. */
  readonly waitSeconds: number;
  readonly maximumMessageBytes: number;
  readonly redrive: Redrive | undefined;
  /** What `custom.queues` expects of this queue's jobs, from the resource's metadata; NaN where it says nothing. */
  readonly expected: { readonly jobSeconds: number; readonly messageBytes: number };
}

export interface Redrive {
  readonly maxReceiveCount: number;
  /** Logical id of the dead-letter queue; its ARN where it is not part of the template. */
  readonly target: string;
}

/** AWS::Lambda::Function. */
export interface LambdaFunction {
  readonly id: string;
  readonly timeoutSeconds: number;
  /** `ReservedConcurrentExecutions`; NaN without one. */
  readonly reservedConcurrency: number;
  /** RESULT_TTL_DAYS, WORKER_CONCURRENCY and MAX_RECEIVE_COUNT; NaN where the function has no such variable. */
  readonly resultTtlDays: number;
  readonly workerConcurrency: number;
  readonly maxReceiveCount: number;
  /** What it is told of its queue's visibility timeout; NaN where it is not. */
  readonly visibilitySeconds: number;
  /** Logical id of the table that TABLE_NAME refers to. */
  readonly table: string | undefined;
}

/** AWS::DynamoDB::Table. */
export interface Table {
  readonly id: string;
  readonly expires: boolean;
}

/** AWS::Lambda::EventSourceMapping of a queue. */
export interface Mapping {
  readonly id: string;
  /** Logical ids; ARN or name where the resource is not part of the template. */
  readonly queue: string;
  readonly function: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** NaN where the mapping scales on its own. */
  readonly maximumConcurrency: number;
  readonly provisioned: boolean;
  readonly reportsFailures: boolean;
  readonly filters: boolean;
}

export interface Consumer {
  readonly mapping: Mapping;
  readonly queue: Queue;
  readonly worker: LambdaFunction;
}

/** A value that a rule would need and that the template does not tell. */
export interface Unknown {
  readonly resource: string;
  readonly property: string;
  readonly why: string;
  /** Whether AWS would refuse it, being there and not a whole number. */
  readonly invalid: boolean;
}
