import { randomUUID } from 'node:crypto';
import type { LambdaFunction } from '../functions/lambda-function.ts';
import { ThrottledError } from '../functions/throttled-error.ts';
import type { Answer, ServiceRequest } from '../gateway/request.ts';
import type { AsyncInvocations } from './async-invocations.ts';
import { invalidParameter, LambdaError } from './registry.ts';

/** Lambda's payload limits in bytes: 6 MB with an answer, 1 MB without [gettingstarted-limits.html]. */
const MAXIMUM_PAYLOAD = { RequestResponse: 6_291_556, Event: 1_048_576, DryRun: 6_291_556 };

/** Invoke. RequestResponse waits for the answer, Event queues and returns 202, DryRun only checks and returns 204. */
export async function invoke(
  lambda: LambdaFunction,
  request: ServiceRequest,
  later: AsyncInvocations,
): Promise<Answer> {
  const type = String(request.headers['x-amz-invocation-type'] ?? 'RequestResponse');
  if (type !== 'RequestResponse' && type !== 'Event' && type !== 'DryRun') {
    throw invalidParameter(`InvocationType ${type} is none of Event, RequestResponse, DryRun.`);
  }
  const payload = payloadOf(request, MAXIMUM_PAYLOAD[type]);
  if (type === 'DryRun') return { status: 204, body: '' };
  if (type === 'RequestResponse') return invokeNow(lambda, payload, request);
  later.accept(lambda, payload);
  return { status: 202, headers: { 'x-amzn-requestid': randomUUID() }, body: '' };
}

function payloadOf({ body }: ServiceRequest, limit: number): string {
  if (body.length > limit) {
    throw new LambdaError(
      'RequestTooLargeException',
      `Request must be smaller than ${limit} bytes for the Invoke operation`,
      413,
    );
  }
  const payload = body.length ? body.toString() : '{}';
  try {
    JSON.parse(payload);
    return payload;
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`;
    throw new LambdaError('InvalidRequestContentException', message, 400);
  }
}

async function invokeNow(lambda: LambdaFunction, payload: string, { headers }: ServiceRequest): Promise<Answer> {
  try {
    const trace = headers['x-amzn-trace-id'];
    const result = await lambda.invoke(payload, trace ? { traceId: String(trace) } : {});
    const tail = headers['x-amz-log-type'] === 'Tail' ? Buffer.from(result.logTail).toString('base64') : undefined;
    return {
      status: 200,
      headers: {
        'content-type': 'application/json',
        'x-amzn-requestid': result.requestId,
        'x-amz-executed-version': '$LATEST',
        ...(result.functionError && { 'x-amz-function-error': result.functionError }),
        ...(tail !== undefined && { 'x-amz-log-result': tail }),
      },
      body: result.payload,
    };
  } catch (error) {
    if (error instanceof ThrottledError) throw new LambdaError('TooManyRequestsException', error.message, 429);
    throw error;
  }
}
