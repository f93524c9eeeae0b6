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

/** The header in which the SDK passes a function's own trace on; SQS takes it for messages that bring none. */
const TRACE_HEADER = 'X-Amzn-Trace-Id';

/** What SQS says of each entry of a batch request, by entry id. */
export interface BatchAnswer {
  Successful?: { Id: string | undefined }[] | undefined;
  Failed?: BatchResultErrorEntry[] | undefined;
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
    return this.#client.send(new SendMessageBatchCommand({ QueueUrl, Entries }), { abortSignal });
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

/** A message that is sent back on purpose is no hop of a loop: see `traceAlone`. */
function withoutLineage<Args extends { request: unknown }, Answer>(next: (args: Args) => Promise<Answer>) {
  return (args: Args): Promise<Answer> => {
    const { headers } = args.request as { headers: Record<string, string> };
    const trace = traceAlone(headers[TRACE_HEADER]);
    if (trace === undefined) delete headers[TRACE_HEADER];
    else headers[TRACE_HEADER] = trace;
    return next(args);
  };
}
