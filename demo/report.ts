import { writeFileSync } from 'node:fs';
import type { Account } from './account/account.ts';
import type { Clock } from './clock.ts';
import type { Group } from './dead-letters.ts';
import type { FunctionLog } from './function-log.ts';
import type { Options } from './options.ts';

/** Writes what was printed as JSON, for scripts that compare the numbers over time. */
export function saveReport(
  file: string,
  facts: { options: Options; account: Account; deadLetters: readonly Group[]; clock: Clock; log: FunctionLog },
): void {
  const { options, account, deadLetters, clock, log } = facts;
  saveAccount(file, { jobs: options.jobs, seed: options.seed, account, deadLetters }, clock, log);
}

/** Writes an account with what every demo measures. */
export function saveAccount(file: string, account: object, clock: Clock, log: FunctionLog): void {
  const report = {
    ...account,
    processesDied: log.crashes.length,
    errorsLogged: Object.fromEntries(log.errors),
    milliseconds: { ...clock.timings, 'in all': clock.total() },
  };
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}
