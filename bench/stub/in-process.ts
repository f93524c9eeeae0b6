import type { StubTable } from './table.ts';

interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** The function that the SDK's request handler calls instead of opening a socket; see `bundle.ts`. */
declare global {
  var sluiceBenchHandle: ((request: Request, options?: { abortSignal?: AbortSignal }) => Promise<object>) | undefined;
}

const HEADERS = { 'content-type': 'application/x-amz-json-1.0' };

/** Answers every request of the SDK from `table`, in this process. Serialisation, signing and retries stay real. */
export function answerInProcess(table: StubTable): void {
  globalThis.sluiceBenchHandle = async ({ headers, body = '' }, { abortSignal } = {}) => {
    const text = typeof body === 'string' ? body : Buffer.from(body).toString();
    const answering = table.answer(headers['x-amz-target'] ?? '', text);
    const answer = await (abortSignal ? Promise.race([answering, aborted(abortSignal)]) : answering);
    return { response: { statusCode: answer.status, headers: HEADERS, body: Buffer.from(answer.body) } };
  };
}

/**
 * One listener for each signal, however many requests use it. A listener for each request would be a cost of the stub.
 */
const waiting = new WeakMap<AbortSignal, Promise<never>>();

function aborted(signal: AbortSignal): Promise<never> {
  const known = waiting.get(signal);
  if (known) return known;
  const promise = new Promise<never>((_, reject) => {
    const abort = () => reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  promise.catch(() => {});
  waiting.set(signal, promise);
  return promise;
}
