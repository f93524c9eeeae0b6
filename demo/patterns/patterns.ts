import { chain } from './chain.ts';
import { delayedRetry } from './delayed-retry.ts';
import { fanOut } from './fan-out.ts';
import { fifo } from './fifo.ts';
import type { Pattern } from './pattern.ts';

/** The demos of `--pattern`, by name. */
export const PATTERNS = {
  fifo,
  'fan-out': fanOut,
  chain,
  retry: delayedRetry,
} as const satisfies Record<string, Pattern>;

export type PatternName = keyof typeof PATTERNS;
