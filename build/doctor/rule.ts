import type { Model } from './model.ts';

/** An error refuses the package; a warning is printed. */
export type Level = 'error' | 'warning';

/** What one rule has against one resource. */
export interface Complaint {
  /** Logical id. */
  readonly resource: string;
  /** What is wrong, with its numbers and their units. */
  readonly problem: string;
  /** What to change, with the value to change it to. */
  readonly remedy: string;
  /** The numbers compared, by what they are called in the template. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** One thing that brings SQS workers down. Pure: all it knows is the model. */
export interface Rule {
  /** Stable: scripts and docs/doctor.md name it. */
  readonly id: string;
  readonly level: Level;
  /** What happens in production where the rule is broken, and whose rule it is. */
  readonly explain: string;
  check(model: Model): Iterable<Complaint>;
}
