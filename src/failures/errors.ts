import { quoted } from './foreign-text.ts';

/** What a handler throws when trying again may help: a time-out, a 5xx answer, a rate limit. */
export class TransientError extends Error {
  override readonly name: string = 'TransientError';
  /** Milliseconds to wait at least, as a `Retry-After` header asks for. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number | undefined } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** What a handler throws when trying again cannot help: the job is dead-lettered at once, with this message. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';
}

/** The message cannot be a job: no JSON, no object, an unknown type, fields that its schema refuses. */
export class InvalidJob extends PermanentError {
  override readonly name = 'InvalidJob';
}

/** The same idempotency key came with another payload. The first stays; this one is dead-lettered. */
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
 * The job itself is not at fault and should be looked at again later: its lease is held by another worker, or
 * the ledger could not be reached. Never dead-letters a message.
 */
export class Deferred extends Error {
  override readonly name: string = 'Deferred';
  /** Milliseconds after which waiting longer makes no sense; the back-off policy may choose less. */
  readonly afterMs: number | undefined;

  constructor(message: string, options: { cause?: unknown; afterMs?: number } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.afterMs = options.afterMs;
  }
}

/**
 * A handler did not end though its signal was aborted. It cannot be stopped, so it may still run: a lease on its job stays
 * until it ends by itself.
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
 * The job ends the process that runs it: by leaving it, by using up its memory, by blocking its event loop, or by an error that
 * nobody handles. Running it again would take its neighbours along.
 */
export class KilledItsProcess extends PermanentError {
  override readonly name = 'KilledItsProcess';
}

/** The invocation's time was spent before the job could start. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';
}
