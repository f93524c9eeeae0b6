/** What an error means for the job that threw it. */
export interface Failure {
  readonly kind: 'transient' | 'permanent';
  /** The error's class, such as `TransientError` or `ThrottlingException`; at most 100 characters. */
  readonly errorClass: string;
  /** At most 1,000 characters, see `legible`. */
  readonly message: string;
  /** Milliseconds that the other side asked us to wait; finite, at least 0. Undefined where it did not ask. */
  readonly retryAfterMs?: number | undefined;
}

/** What of a failure decides what becomes of the job. */
export type Meaning = Pick<Failure, 'kind' | 'retryAfterMs'>;

/** The most characters of a failure's message and class. Both go into logs and into the dead letter's reason. */
export const MAX_MESSAGE = 1_000;
export const MAX_CLASS = 100;

/** How many causes are followed. There is a limit because an error may be its own cause. */
export const MAX_CAUSES = 5;
