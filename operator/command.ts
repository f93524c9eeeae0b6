import type { Command } from 'commander';
import type { Printer } from './output/printer.ts';
import type { Stage } from './stage.ts';

/** What every command is given besides its own options. */
export interface CommandContext {
  /** Connects at the first call; a command that only reads files never does. */
  stage(): Promise<Stage>;
  /** `--json`: standard output holds JSON and nothing else. */
  readonly json: boolean;
  /** Where results go. Progress and questions go to standard error. */
  readonly out: Printer;
  readonly err: Printer;
  readonly input: NodeJS.ReadStream;
  /** Aborts at the first Ctrl-C (or SIGTERM, or when whoever read the output is gone): start nothing new. */
  readonly signal: AbortSignal;
  /**
   * Registers what must still happen before an interrupted process ends, such as giving back what is held: all of it
   * runs at once, and gets 5 seconds. A second Ctrl-C does not wait.
   *
   * @returns takes the registration back
   */
  onInterrupt(release: () => Promise<unknown>): () => void;
  /** Sets what the process ends with. Commands that finish without it end with `EXIT.fine`. */
  exit(code: ExitCode): void;
}

/** What each file in `commands/` exports as `register`: adds its command to the program or to a group of it. */
export type Register = (parent: Command, context: (command: Command) => CommandContext) => void;

/** Exit codes: fine, something is wrong with the data, the command line or the environment is wrong. */
export const EXIT = { fine: 0, data: 1, usage: 2 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with exit code 2 and its message, which names the remedy. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Ends a command with exit code 1 and its message: the command was right, and the data is not. */
export class DataError extends Error {
  override readonly name = 'DataError';
}
