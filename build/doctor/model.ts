/**
 * What the rules look at: the parts of a CloudFormation template that decide how queues and functions work together,
 * with AWS's defaults filled in. Links are logical ids.
 *
 * A number that the template does not give, such as a reference to a parameter, is NaN. Every comparison with NaN is
 * false. So a rule must ask for the bad case (`visibility < timeout`, never `!(visibility >= timeout)`), and then
 * reports nothing. `unknown` lists what was not checked.
 */
export interface Model {
  readonly queues: ReadonlyMap<string, Queue>;
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly tables: ReadonlyMap<string, Table>;
  /** Every event source mapping of a queue. */
  readonly mappings: readonly Mapping[];
  /** The mappings whose queue and function are both in the template. */
  readonly consumers: readonly Consumer[];
  readonly subscriptions: readonly Subscription[];
  /** Logical ids of the queues for which an alarm watches the waiting messages. */
  readonly watched: ReadonlySet<string>;
  readonly unknown: readonly Unknown[];
}

/** AWS::SQS::Queue. */
export interface Queue {
  readonly id: string;
  /** Undefined where CloudFormation or a parameter chooses it. */
  readonly name: string | undefined;
  readonly fifo: boolean;
  readonly visibilitySeconds: number;
  readonly retentionSeconds: number;
  readonly delaySeconds: number;
  /** Long polling: how long a receive waits for messages. */
  readonly waitSeconds: number;
  readonly maximumMessageBytes: number;
  readonly redrive: Redrive | undefined;
  /** What `custom.queues` expects of this queue's jobs, from the resource's metadata; NaN where that is missing. */
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
  /** Its queue's visibility timeout as its variables give it; NaN without one. */
  readonly visibilitySeconds: number;
  /** The queue beside its own where it sends what has failed too often; undefined without one. */
  readonly retryQueue: RetryQueue | undefined;
  /** Whether TABLE_KEY says that its records keep the `processed_messages` contract. */
  readonly keepsContract: boolean;
  /** Logical id of the table that TABLE_NAME refers to. */
  readonly table: string | undefined;
  /** What Lambda does when it finds a loop of invocations; undefined where the template does not say. */
  readonly recursiveLoop: string | undefined;
  /** Logical ids of the queues that its role allows it to send to; `*` for all. */
  readonly sendsTo: ReadonlySet<string>;
  readonly webhooks: Webhooks;
  readonly memoryMb: number;
  readonly payloads: Payloads;
}

/** A function's settings for payloads in S3, from its variables; NaN where it reads none. */
export interface Payloads {
  readonly maxBytes: number;
  /** Days until the bucket's lifecycle deletes a payload. */
  readonly retentionDays: number;
}

/** A function's retry queue, from its variables. */
export interface RetryQueue {
  /** Logical id; a URL where the queue is not part of the template. */
  readonly queue: string;
  /** RETRY_QUEUE_DELAY. */
  readonly delaySeconds: number;
}

/** A function's webhook settings, from its variables. */
export interface Webhooks {
  readonly allowedHosts: readonly string[];
  /** WEBHOOK_PRIVATE_ADDRESSES is `allow`. */
  readonly reachPrivate: boolean;
  /** Whether WEBHOOK_SECRETS is not empty. Its value is not kept. */
  readonly signed: boolean;
}

/** AWS::DynamoDB::Table. */
export interface Table {
  readonly id: string;
  /** Whether it refuses to be deleted, as the tables of a protected stage do. */
  readonly isProtected: boolean;
  readonly expires: boolean;
}

/** AWS::Lambda::EventSourceMapping of a queue. */
export interface Mapping {
  readonly id: string;
  /** Logical id; an ARN or name where the resource is not part of the template. The same for `function`. */
  readonly queue: string;
  readonly function: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** NaN where the mapping has none. */
  readonly maximumConcurrency: number;
  readonly provisioned: boolean;
  readonly reportsFailures: boolean;
  readonly filters: boolean;
}

/** AWS::SNS::Subscription of a queue. */
export interface Subscription {
  readonly id: string;
  /** Logical id; an ARN where the resource is not part of the template. The same for the queues. */
  readonly topic: string;
  readonly queue: string;
  /** Where SNS sends what the queue does not take; undefined without a redrive policy. */
  readonly deadLetters: string | undefined;
  readonly raw: boolean;
  readonly filtered: boolean;
  /** Whether it says what its filter looks at. */
  readonly scoped: boolean;
  /** Those of its two queues that no policy of the template lets the topic send to. */
  readonly denied: readonly string[];
}

export interface Consumer {
  readonly mapping: Mapping;
  readonly queue: Queue;
  readonly worker: LambdaFunction;
}

/** A value that a rule needs and that the template does not give. */
export interface Unknown {
  readonly resource: string;
  readonly property: string;
  readonly why: string;
  /** Whether there is a value that AWS would refuse, because it is not the number that it must be. */
  readonly invalid: boolean;
}
