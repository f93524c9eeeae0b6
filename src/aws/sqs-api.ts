import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  type ChangeMessageVisibilityBatchRequestEntry,
  DeleteMessageBatchCommand,
  type DeleteMessageBatchRequestEntry,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { lean } from './lean-client.ts';
import { traceAlone } from './trace-header.ts';

/** The header in which the SDK passes on the function's own trace. SQS gives that trace to messages that have none. */
const TRACE_HEADER = 'X-Amzn-Trace-Id';

/** SQS batch requests take at most ten entries [API reference]. */
export const ENTRIES_PER_REQUEST = 10;

/** SQS's answer to a batch request: the result of each entry, by entry id. */
export interface BatchAnswer {
  Successful?: { Id: string | undefined; MessageId?: string | undefined }[] | undefined;
  Failed?: BatchResultErrorEntry[] | undefined;
}

/** Why SQS did not do what an entry asks for. `unanswered` means that the answer does not mention the entry. */
export interface Refusal {
  readonly status: 'refused' | 'unanswered';
  readonly code: string;
  readonly message: string;
}

const UNMENTIONED: Refusal = {
  status: 'unanswered',
  code: 'no answer',
  message: 'SQS answered without this entry',
};

/**
 * Reads the answer to a request whose entry ids are 0, 1, 2, ...
 *
 * @param count number of entries in the request
 * @returns one element for each entry, in order; undefined where SQS did it
 */
export function refusalsIn({ Successful = [], Failed = [] }: BatchAnswer, count: number): (Refusal | undefined)[] {
  const done = new Set(Successful.map(({ Id }) => Id));
  return Array.from({ length: count }, (_, i) => {
    if (done.has(String(i))) return undefined;
    const entry = Failed.find(({ Id }) => Id === String(i));
    return entry ? { status: 'refused', code: entry.Code ?? '', message: entry.Message ?? '' } : UNMENTIONED;
  });
}

export function refusalText({ status, code, message }: Refusal): string {
  return status === 'refused' ? `SQS answered ${code}: ${message}` : message;
}

/** One SendMessageBatch request. @param Entries at most ten, at most 1 MiB together */
export function sendBatch(
  client: SQSClient,
  QueueUrl: string,
  Entries: SendMessageBatchRequestEntry[],
  abortSignal?: AbortSignal,
): Promise<BatchAnswer> {
  return client.send(new SendMessageBatchCommand({ QueueUrl, Entries }), abortSignal && { abortSignal });
}

/** The calls to SQS that a worker makes. */
export class SqsApi {
  readonly #client: SQSClient;

  constructor(config: SQSClientConfig) {
    this.#client = lean(new SQSClient(config));
    this.#client.middlewareStack.addRelativeTo(withoutLineage, {
      name: 'lineageMiddleware',
      relation: 'after',
      toMiddleware: 'recursionDetectionMiddleware',
    });
  }

  /** @param Entries at most ten, at most 1 MiB together */
  send(QueueUrl: string, Entries: SendMessageBatchRequestEntry[], abortSignal: AbortSignal): Promise<BatchAnswer> {
    return sendBatch(this.#client, QueueUrl, Entries, abortSignal);
  }

  /** @param Entries at most ten */
  changeVisibility(
    QueueUrl: string,
    Entries: ChangeMessageVisibilityBatchRequestEntry[],
    abortSignal: AbortSignal,
  ): Promise<BatchAnswer> {
    return this.#client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }), { abortSignal });
  }

  /** @param Entries at most ten */
  delete(QueueUrl: string, Entries: DeleteMessageBatchRequestEntry[], abortSignal: AbortSignal): Promise<BatchAnswer> {
    return this.#client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }), { abortSignal });
  }
}

/**
 * Removes the lineage from the trace header, because a message that we send back on purpose is not part of a loop. See
 * `traceAlone`.
 */
function withoutLineage<Args extends { request: unknown }, Answer>(next: (args: Args) => Promise<Answer>) {
  return (args: Args): Promise<Answer> => {
    const { headers } = args.request as { headers: Record<string, string> };
    const trace = traceAlone(headers[TRACE_HEADER]);
    if (trace === undefined) delete headers[TRACE_HEADER];
    else headers[TRACE_HEADER] = trace;
    return next(args);
  };
}
