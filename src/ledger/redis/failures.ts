import type { Trouble } from '../connections/requests.ts';
import { ledgerUnavailable } from '../unavailable.ts';
import { isAnswer } from './connection.ts';

/** An answer that the next try may not get: loading, busy with a script, out of memory or of replicas, or it forgot our scripts. */
const PASSING = /^(LOADING|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|OOM|MISCONF|NOREPLICAS|NOSCRIPT) /;
/** The connection leads to what is no primary any more, or came too much. */
const OF_THIS_CONNECTION = /^(READONLY |UNBLOCKED |ERR max number of clients)/;

/** What an error of `ioredis` means: what is no answer of the server's has lost the connection. */
export function troubleOf(error: unknown): Trouble {
  if (!isAnswer(error)) return 'lost';
  const { message } = error;
  if (OF_THIS_CONNECTION.test(message)) return 'lost';
  return PASSING.test(message) ? 'again' : ledgerUnavailable(`Redis answered ${message}`, error);
}
