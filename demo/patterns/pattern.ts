import type { DeadLetter } from '../../operator/dead-letters/reading/letter.ts';
import type { FunctionLog } from '../function-log.ts';
import type { Random } from '../random.ts';
import type { Receiver } from '../receiver.ts';
import type { DemoStage } from '../service.ts';

/** What a pattern's demo sends to and reads from. */
export interface World {
  readonly stage: DemoStage;
  readonly receiver: Receiver;
  readonly log: FunctionLog;
  /** The dead letters of a queue, read when everything is drained. @param queue short name, such as `entries-dlq.fifo` */
  deadLetters(queue: string): Promise<DeadLetter[]>;
}

/** So many messages of one kind, and where they must end. */
export interface Share {
  readonly count: number;
  readonly kind: string;
  readonly text: string;
}

/** What a demo of one pattern does, for one seed. */
export interface Plan {
  readonly shares: readonly Share[];
  /** How many messages reach the pattern's queues because of what is sent; those of later stages do not count. */
  readonly arrivals: number;
  /** @param sent receives how many of the arrivals are on their queues now */
  send(world: World, sent: (arrivals: number) => void): Promise<void>;
  /** Receives each line that a function logs. */
  onLine?(line: string): void;
  account(world: World): Promise<PatternAccount>;
}

/** Where everything is in the end. */
export interface PatternAccount {
  readonly rows: readonly (readonly [count: number, text: string])[];
  /** One sentence each; empty where everything is right. */
  readonly discrepancies: readonly string[];
}

export interface PlanOptions {
  readonly jobs: number;
  readonly random: Random;
  readonly receiverUrl: string;
}

/** A pattern of docs/patterns.md. */
export interface Pattern {
  /** For the demo's first line. */
  readonly what: string;
  /** Short names of its queues without their DLQs, such as `entries.fifo`. All are empty when the demo ends. */
  readonly queues: readonly string[];
  /** Short names of the functions, processes of which are killed in mid-batch. */
  readonly functions: readonly string[];
  /** Variables that the stage is packaged with, besides the demo's own. */
  environment?(receiverUrl: string): Record<string, string>;
  plan(options: PlanOptions): Plan;
}
