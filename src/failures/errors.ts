import { quoted } from './foreign-text.ts';

/** A handler throws this when another try may help: a time-out, a 5xx answer, a rate limit. */
export class TransientError extends Error {
  override readonly name: string = 'TransientError';
  /** The least milliseconds to wait, as a `Retry-After` header asks for. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number | undefined } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A handler throws this when another try cannot help. The job is dead-lettered at once, with this message. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';
}

/** The message cannot be a job: no JSON, no object, an unknown type, or fields that its schema refuses. */
export class InvalidJob extends PermanentError {
  override readonly name = 'InvalidJob';
}

/**
 * The same idempotency key came with another payload. The first payload stays; the message with the other is
 * dead-lettered.
 */
export class PayloadConflict extends PermanentError {
  override readonly name = 'PayloadConflict';

  constructor(key: string, stored: string, received: string) {
    super(
      `job ${quoted(key)} was already accepted with another payload: stored fingerprint ${stored}, this message's ${received}; ` +
        'send the new payload under a new id',
    );
  }
}

/**
 * The job itself is not at fault and comes back later. For example, another worker holds its lease, the ledger cannot
 * be reached, or its destination has no room. It counts as no failed run. Only after four days of requeues is such a
 * message dead-lettered.
 */
export class Deferred extends Error {
  override readonly name: string = 'Deferred';
  /** The longest wait that makes sense, in milliseconds. The back-off policy may choose a shorter one. */
  readonly afterMs: number | undefined;

  constructor(message: string, options: { cause?: unknown; afterMs?: number } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.afterMs = options.afterMs;
  }
}

/**
 * A handler did not end although its signal was aborted. It cannot be stopped, so it may still run. So a lease on its
 * job stays until it expires, unless this was the last run or the job ran alone.
 */
export class GivenUp extends TransientError {
  override readonly name = 'GivenUp';

  constructor() {
    super(
      'the job did not end after its signal was aborted; its handler must pass the signal on to whatever it waits for',
    );
  }
}

/**
 * The job ends the process that runs it: it exits, uses up the memory, blocks the event loop, or leaves an error that
 * nobody handles. It is not run again, because that would also end other jobs in the process.
 */
export class KilledItsProcess extends PermanentError {
  override readonly name = 'KilledItsProcess';
}

/** The invocation's time ended before the job could start. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';
}
