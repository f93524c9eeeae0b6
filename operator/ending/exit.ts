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
