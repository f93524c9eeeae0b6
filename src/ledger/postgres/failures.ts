import type { Trouble } from '../connections/requests.ts';
import { ledgerUnavailable } from '../unavailable.ts';

/**
 * By the beginnings of SQLSTATE [PostgreSQL, appendix A], the longest that fits. What is not listed, and what has no SQLSTATE
 * (sockets, time-outs), has lost its connection.
 */
const TROUBLES: Readonly<Record<string, 'again' | 'refused' | 'unusable'>> = {
  // The values: out of range, not in the encoding, a constraint, too large for a row or an index.
  '22': 'refused',
  '23': 'refused',
  '54': 'refused',
  // Serialization, deadlock, a lock or a statement's time limit, a disk or memory that is full.
  '40': 'again',
  '55': 'again',
  '57014': 'again',
  '53': 'again',
  // A password, a database, a table, a permission.
  '28': 'unusable',
  '3D': 'unusable',
  '3F': 'unusable',
  '42': 'unusable',
  '0A': 'unusable',
};

/** Too many connections: another one later. */
const NO_CONNECTION_LEFT = '53300';

/** What an error of `pg` means. */
export function troubleOf(error: unknown): Trouble {
  const code = sqlStateOf(error);
  if (code === undefined || code === NO_CONNECTION_LEFT) return 'lost';
  const trouble = TROUBLES[code] ?? TROUBLES[code.slice(0, 2)] ?? 'lost';
  return trouble === 'unusable'
    ? ledgerUnavailable(`PostgreSQL answered ${code}: ${(error as Error).message}`)
    : trouble;
}

/** Undefined where it is not the server that speaks: Node's own codes are words, such as ECONNRESET. */
function sqlStateOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E') ? code : undefined;
}
