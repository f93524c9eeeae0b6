import { SQSClient } from '@aws-sdk/client-sqs';

export interface ScriptedMessage {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
  Attributes?: Record<string, string>;
}

export interface ScriptedQueue {
  sqs: SQSClient;
  /** What the next receives return; afterwards they are empty. */
  deliveries: ScriptedMessage[][];
  /** Receipt handles, in the order of their deletion. */
  deleted: string[];
  /** Requests by the name of their action. */
  requests: Record<string, number>;
  /** Runs before every request; what it throws is the connection's error, what it returns is the answer. */
  fault: (action: string, input: Record<string, unknown>) => unknown;
}

/** The real client over a connection that answers what no server can be made to: the faults of a test. */
export function scriptedQueue(deliveries: ScriptedMessage[][] = [], visibilitySeconds = 30): ScriptedQueue {
  const queue: Omit<ScriptedQueue, 'sqs'> = { deliveries, deleted: [], requests: {}, fault: () => undefined };
  const answer = async (action: string, input: Record<string, unknown>): Promise<unknown> => {
    if (action === 'GetQueueAttributes') return { Attributes: { VisibilityTimeout: String(visibilitySeconds) } };
    if (action === 'ReceiveMessage') {
      const Messages = queue.deliveries.shift();
      if (!Messages) await new Promise((resolve) => setTimeout(resolve, 50));
      return Messages ? { Messages } : {};
    }
    const entries = input.Entries as { Id: string; ReceiptHandle: string }[];
    queue.deleted.push(...entries.map((entry) => entry.ReceiptHandle));
    return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
  };
  const handle = async ({ headers, body }: { headers: Record<string, string>; body: Uint8Array }) => {
    const action = headers['x-amz-target']?.replace('AmazonSQS.', '') ?? '';
    const input = JSON.parse(new TextDecoder().decode(body));
    queue.requests[action] = (queue.requests[action] ?? 0) + 1;
    const result = (await queue.fault(action, input)) ?? (await answer(action, input));
    return { response: { statusCode: 200, headers: {}, body: Buffer.from(JSON.stringify(result)) } };
  };
  const sqs = new SQSClient({
    endpoint: 'http://queue.test',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    md5: false,
    maxAttempts: 1,
    // biome-ignore lint/suspicious/noExplicitAny: the SDK's handler type has far more than it uses
    requestHandler: { handle, metadata: { handlerProtocol: 'http/1.1' }, destroy() {} } as any,
  });
  return Object.assign(queue, { sqs });
}
