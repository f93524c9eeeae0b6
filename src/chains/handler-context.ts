import type { Context } from 'aws-lambda';
import type { Run } from '../engine/run.ts';
import type { JobContext } from '../job.ts';
import type { RecordContext } from '../middleware/record/context.ts';

/**
 * What a handler receives as its context. It is a class because of its getter: a signal is made only for a handler that
 * asks for one. The fields are set one by one, because `Object.assign` costs each job 0.7 us instead of 0.05.
 */
export class HandlerContext implements JobContext<unknown> {
  readonly slot: number;
  readonly attempt: number;
  readonly fencingToken: number;
  readonly settings: unknown;
  callbackWaitsForEmptyEventLoop: boolean;
  functionName: string;
  functionVersion: string;
  invokedFunctionArn: string;
  memoryLimitInMB: string;
  awsRequestId: string;
  logGroupName: string;
  logStreamName: string;
  identity: Context['identity'];
  clientContext: Context['clientContext'];
  getRemainingTimeInMillis: Context['getRemainingTimeInMillis'];
  done: Context['done'];
  fail: Context['fail'];
  succeed: Context['succeed'];
  readonly #run: Run;

  constructor(run: Run, { lambda, history, fencingToken = 1 }: RecordContext, settings: unknown) {
    this.#run = run;
    this.slot = run.slot;
    this.attempt = history.runs + 1;
    this.fencingToken = fencingToken;
    this.settings = settings;
    this.callbackWaitsForEmptyEventLoop = lambda.callbackWaitsForEmptyEventLoop;
    this.functionName = lambda.functionName;
    this.functionVersion = lambda.functionVersion;
    this.invokedFunctionArn = lambda.invokedFunctionArn;
    this.memoryLimitInMB = lambda.memoryLimitInMB;
    this.awsRequestId = lambda.awsRequestId;
    this.logGroupName = lambda.logGroupName;
    this.logStreamName = lambda.logStreamName;
    this.identity = lambda.identity;
    this.clientContext = lambda.clientContext;
    this.getRemainingTimeInMillis = lambda.getRemainingTimeInMillis;
    this.done = lambda.done;
    this.fail = lambda.fail;
    this.succeed = lambda.succeed;
  }

  get signal(): AbortSignal {
    return this.#run.signal;
  }
}
