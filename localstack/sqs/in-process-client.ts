import { SQSClient } from '@aws-sdk/client-sqs';
import { EveryAttributeProtocol } from '../../src/aws/every-attribute.ts';
import type { SqsService } from './service.ts';

interface HttpRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

/**
 * A real SQS client whose requests reach the service without a socket. The mappings poll through it, because they are
 * the busiest clients, and a call then takes a fifth of the work.
 */
export function inProcessClient(sqs: SqsService, region: string): SQSClient {
  const handle = async (request: HttpRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) => {
    abortSignal?.throwIfAborted();
    const answer = sqs.handleJson({
      method: request.method,
      path: request.path,
      query: new URLSearchParams(),
      headers: request.headers,
      body: bytesOf(request.body),
      isGone: () => abortSignal?.aborted ?? false,
    });
    const { status, headers, body } = await untilAborted(answer, abortSignal);
    return { response: { statusCode: status, headers: headers ?? {}, body: Buffer.from(body) } };
  };
  return new SQSClient({
    region,
    endpoint: 'http://in-process',
    protocol: EveryAttributeProtocol,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    // Nothing can be damaged on the way, so no checksums are compared and nothing is signed.
    md5: false,
    signer: { sign: async (request) => request },
    // biome-ignore lint/suspicious/noExplicitAny: the SDK's handler type has far more than it uses
    requestHandler: { handle, metadata: { handlerProtocol: 'http/1.1' }, destroy() {} } as any,
  });
}

const bytesOf = (body: string | Uint8Array = ''): Buffer =>
  typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }));
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
