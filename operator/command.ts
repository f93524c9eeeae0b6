import type { Command } from 'commander';
import type { ExitCode } from './ending/exit.ts';
import type { Printer } from './output/printer.ts';
import type { Stage } from './stage/stage.ts';

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
  /** Aborts at the first Ctrl-C (or SIGTERM, or when the reader of the output is gone). Start nothing new after it. */
  readonly signal: AbortSignal;
  /**
   * Registers work that must be done before an interrupted process ends, such as releasing held letters. All of it
   * starts at once and has 5 seconds. A second Ctrl-C does not wait.
   *
   * @returns takes the registration back
   */
  onInterrupt(release: () => Promise<unknown>): () => void;
  /** Sets the exit code. A command that never calls it ends with `EXIT.fine`. */
  exit(code: ExitCode): void;
}

/** What each file in `commands/` exports as `register`: adds its command to the program or to a group of it. */
export type Register = (parent: Command, context: (command: Command) => CommandContext) => void;
