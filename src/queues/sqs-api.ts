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
import { lean } from '../lean-client.ts';

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
