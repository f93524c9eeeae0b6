// Runs inside a function's process. Its counterpart in the host is execution-environment.ts.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Socket } from 'node:net';
import { encodeFrame, frameDecoder } from './frames.js';
import { loadHandler } from './load-handler.js';

/** Lambda's limit for a response, in bytes: 6 MiB and a hundred bytes of envelope. */
const responseLimit = 6_291_556;

const callbackRemoved =
  'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. ' +
  'Make this handler async: return a promise instead of taking a callback.';

/** @typedef {{ requestId: string, deadline: number, traceId: string, invokedFunctionArn: string }} Invocation */

/** Replaces the callback, which Lambda no longer has. @returns {never} */
function refuseCallback() {
  throw Object.assign(new Error(callbackRemoved), { name: 'Runtime.CallbackHandlerDeprecated' });
}

const env = process.env;
const pipe = new Socket({ fd: 3, readable: true, writable: true });
/** @type {AsyncLocalStorage<string>} */
const owner = new AsyncLocalStorage();
/** @type {string | undefined} */
let current;

const [writeOut, writeErr] = [process.stdout, process.stderr].map((stream) => {
  const write = stream.write.bind(stream);
  // Output of work that an earlier invocation left running is marked. Otherwise it would look like the current one's.
  stream.write = /** @type {typeof stream.write} */ (
    (/** @type {any} */ chunk, /** @type {any[]} */ ...rest) => {
      const id = owner.getStore();
      if (id === undefined || id === current) return write(chunk, ...rest);
      const lines = String(chunk).replace(/\n(?=.)/gs, `\n\0late ${id} `);
      return write(`\0late ${id} ${lines}`);
    }
  );
  return write;
});

/** @param {unknown} error */
function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

/** @param {string} type @param {string} payload @param {Record<string, unknown>} [fields] */
function send(type, payload, fields) {
  const maxMemoryKilobytes = process.resourceUsage().maxRSS;
  return pipe.write(encodeFrame({ type, requestId: current, maxMemoryKilobytes, ...fields }, payload));
}

/**
 * Reports an error that Lambda does not survive. Ends the process once the report is sent.
 * @param {string} type
 * @param {unknown} error
 * @param {string} label
 */
function fail(type, error, label) {
  const report = JSON.stringify(describe(error));
  writeErr?.(`${new Date().toISOString()}\t${current ?? 'undefined'}\tERROR\t${label}\t${report}\n`);
  send(type, report);
  pipe.end(() => process.exit(129));
}

/** @param {unknown} result */
function stringify(result) {
  let text;
  try {
    text = JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    throw new Error('Unable to stringify response body');
  }
  const size = Buffer.byteLength(text);
  if (size <= responseLimit) return text;
  const message = `Response payload size (${size} bytes) exceeded maximum allowed payload size (${responseLimit} bytes).`;
  throw Object.assign(new Error(message), { name: 'Function.ResponseSizeTooLarge' });
}

/** @param {Invocation} invocation */
function contextFor({ requestId, deadline, invokedFunctionArn }) {
  return {
    awsRequestId: requestId,
    invokedFunctionArn,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    identity: undefined,
    clientContext: undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

/** @param {import('./load-handler.js').Handler} handler @param {Invocation} invocation @param {string} payload */
async function run(handler, invocation, payload) {
  current = invocation.requestId;
  env._X_AMZN_TRACE_ID = invocation.traceId;
  let answer = '';
  let failed = false;
  try {
    const event = JSON.parse(payload);
    const result = owner.run(current, () => handler(event, contextFor(invocation), refuseCallback));
    if (handler.length > 2 && typeof (/** @type {any} */ (result)?.then) !== 'function') refuseCallback();
    answer = stringify(await result);
  } catch (error) {
    failed = true;
    answer = JSON.stringify(describe(error));
    writeErr?.(`${new Date().toISOString()}\t${current}\tERROR\tInvoke Error\t${answer}\n`);
  }
  // The host counts an invocation as finished only when these lines have arrived, after all of its output.
  writeOut?.(`\0end ${current}\n`);
  writeErr?.(`\0end ${current}\n`);
  send('response', answer, { failed });
  current = undefined;
}

async function start() {
  const handler = await loadHandler(env.LAMBDA_TASK_ROOT ?? process.cwd(), env._HANDLER ?? '');
  pipe.on(
    'data',
    frameDecoder((header, payload) => {
      void run(handler, /** @type {Invocation & import('./frames.js').FrameHeader} */ (header), payload);
    }),
  );
  send('ready', '');
}

process.on('uncaughtException', (error) => fail('fatal', error, 'Uncaught Exception'));
process.on('unhandledRejection', (reason) => {
  const error = Object.assign(new Error(String(reason)), { name: 'Runtime.UnhandledPromiseRejection' });
  if (reason instanceof Error && reason.stack) error.stack = reason.stack;
  fail('fatal', error, 'Unhandled Promise Rejection');
});
// The host has ended, however that happened. No process that it started may stay.
pipe.on('close', () => process.exit(0));
pipe.on('error', () => process.exit(0));
start().catch((error) => fail('init-error', error, 'Uncaught Exception'));
