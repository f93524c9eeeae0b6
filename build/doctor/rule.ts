import type { Model } from './model.ts';

/** An error refuses the package; a warning is printed. */
export type Level = 'error' | 'warning';

/** What one rule found on one resource. */
export interface Complaint {
  /** Logical id. */
  readonly resource: string;
  /** What is wrong, with its numbers and their units. */
  readonly problem: string;
  /** What to change, and the value to change it to. */
  readonly remedy: string;
  /** The compared numbers, by their names in the template. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** One rule about something that stops SQS workers. Pure: it knows only the model. */
export interface Rule {
  /** It does not change, because scripts and docs/doctor.md use it. */
  readonly id: string;
  readonly level: Level;
  /** What happens in production where the rule is broken, and where the rule comes from. */
  readonly explain: string;
  check(model: Model): Iterable<Complaint>;
}
