import type { Stage } from './stage.ts';

/** What every command is given besides its own options. */
export interface CommandContext {
  /** Connects at the first call; a command that only reads files never does. */
  stage(): Promise<Stage>;
  /** `--json`: standard output holds JSON and nothing else. */
  readonly json: boolean;
  /** Where results go. Progress and questions go to standard error. */
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  readonly input: NodeJS.ReadStream;
}

/** Exit codes: fine, something is wrong with the data, the command line or the environment is wrong. */
export const EXIT = { fine: 0, data: 1, usage: 2 } as const;

/** Ends a command with exit code 2 and its message, which names the remedy. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
