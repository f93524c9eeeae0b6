import { hash } from 'node:crypto';

/**
 * Lambda ends a chain of requests that has invoked a function about 16 times. Here it is exactly 16
 * [lambda/latest/dg/invocation-recursion.html].
 */
export const MOST_ROUNDS = 16;

/**
 * The part of a trace header with which Lambda counts: `Lineage=<function>:<rounds before this one>`, with further
 * functions after a `|`. Its form is not documented; this is the form that functions on AWS receive.
 */
export function lineageOf(functionArn: string, rounds: number): string {
  return `Lineage=${idOf(functionArn)}:${rounds}`;
}

/** How often the function has been invoked in the chain of requests that the header belongs to. */
export function hopsIn(header: string | undefined, functionArn: string): number {
  const lineage = header?.split(';').find((field) => /^\s*lineage=/i.test(field));
  if (lineage === undefined) return 0;
  const id = idOf(functionArn);
  for (const entry of lineage.slice(lineage.indexOf('=') + 1).split('|')) {
    const [rounds = '', name] = entry.trim().split(':').reverse();
    if (name === id && /^\d{1,5}$/.test(rounds)) return Number(rounds) + 1;
  }
  return 0;
}

const idOf = (functionArn: string): string => hash('sha256', functionArn).slice(0, 8);
