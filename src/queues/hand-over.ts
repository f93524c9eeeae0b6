import type { Logger } from '@aws-lambda-powertools/logger';
import type { SQSRecord } from 'aws-lambda';
import { traceOf } from '../aws/trace-header.ts';
import { Deferred, PermanentError } from '../failures/errors.ts';
import type { Json } from '../job.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { HandOver } from '../ledger/record.ts';
import type { Trace } from '../telemetry/log.ts';
import type { Report } from '../telemetry/report.ts';
import { MAX_BYTES } from './attributes.ts';
import type { Sending } from './sender.ts';

/**
 * What a job hands over, as the body of a message.
 *
 * @returns undefined where it hands nothing over
 * @throws PermanentError for what no message holds, before anything of the job is stored
 */
export function handOverText(message: Json | undefined): string | undefined {
  if (message === undefined) return undefined;
  const text = textOf(message);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_BYTES) return text;
  throw new PermanentError(
    `what the job hands over has ${bytes} bytes, and an SQS message holds ${MAX_BYTES}; store it in S3 and hand over its key`,
  );
}

function textOf(message: Json): string {
  try {
    const text: unknown = JSON.stringify(message);
    // SQS refuses U+FFFE and U+FFFF, and JSON does not escape them.
    if (typeof text === 'string') return text.replaceAll('\ufffe', '\\ufffe').replaceAll('\uffff', '\\uffff');
  } catch {
    // A cycle, a BigInt, or too many levels.
  }
  throw new PermanentError('what the job hands over must be JSON, and cannot be written as JSON');
}

interface Options {
  /** Undefined where the function has no next queue. */
  readonly sendToNext: ((message: Sending) => Promise<void>) | undefined;
  readonly ledger: Ledger;
  readonly log: Logger;
  readonly trace: Trace;
  readonly report: Report;
}

/**
 * Sends what jobs hand over to the next queue of a chain, for one invocation. It stands between a job's commit and the
 * acknowledgement of its message. So a process that dies in between leaves a message that comes back and finds what is still to
 * be sent: nothing is lost. What is sent twice is a duplicate there, by the key of the job in it.
 */
export class HandOvers {
  readonly #options: Options;
  /** By job. Of a message that came twice in one batch, the second waits for what the first sends. */
  readonly #sendings = new Map<string, Promise<Deferred | undefined>>();

  constructor(options: Options) {
    this.#options = options;
  }

  /**
   * Sends it, and then notes that it was sent. It never rejects.
   *
   * @param record the message that led to it, whose trace and tenant go on
   * @returns why it is not known to be sent; undefined where it was
   */
  send(record: SQSRecord, handOver: HandOver): Promise<Deferred | undefined> {
    const sending = this.#sendings.get(handOver.key) ?? this.#send(record, handOver);
    this.#sendings.set(handOver.key, sending);
    return sending;
  }

  async #send(record: SQSRecord, handOver: HandOver): Promise<Deferred | undefined> {
    const { ledger, log, report, sendToNext, trace } = this.#options;
    const jobId = handOver.key;
    try {
      if (!sendToNext) throw new Error('this function has no NEXT_QUEUE_URL any more');
      await sendToNext(sending(record, handOver));
    } catch (error) {
      report.errors.queueSend += 1;
      log.error('hand_over_failed', { details: { jobId, error: (error as Error).message } });
      return new Deferred('what the job hands over could not be sent to the next queue', { cause: error });
    }
    report.handedOver += 1;
    trace?.('job_handed_over', { jobId });
    try {
      await ledger.confirm(handOver);
    } catch (error) {
      // If the message comes again, it is sent again.
      log.warn('hand_over_not_confirmed', { details: { jobId, error: (error as Error).message } });
    }
    return undefined;
  }
}

/** One trace goes through all steps. A fair queue keeps its tenants. */
function sending({ attributes }: SQSRecord, { message }: HandOver): Sending {
  return {
    MessageBody: message,
    ...traceOf(attributes?.AWSTraceHeader),
    ...(attributes?.MessageGroupId && { MessageGroupId: attributes.MessageGroupId }),
  };
}
