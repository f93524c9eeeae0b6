import { contextOf, eventOf, freshJobs } from './event.ts';

/** Loads the bundle in the first argument, answers one batch of one job, and reports it: a whole cold start. */
const [, , file = '', prefix = ''] = process.argv;
const started = performance.now();
const { handler } = require(file);
const loaded = performance.now();
handler(eventOf(freshJobs(prefix, 1)), contextOf(30_000)).then(
  ({ batchItemFailures }: { batchItemFailures: unknown[] }) => {
    const answered = performance.now();
    const { user, system } = process.cpuUsage();
    const measured = {
      loadMs: loaded - started,
      answerMs: answered - loaded,
      cpuMs: (user + system) / 1_000,
      failed: batchItemFailures.length,
      builtins: builtins(),
    };
    require('node:fs').writeSync(3, JSON.stringify(measured));
    process.exit();
  },
);

/** Node's own modules that were loaded. http alone needs a few dozen, and undici (fetch, WebSocket) is the largest. */
function builtins(): string[] {
  return (process as unknown as { moduleLoadList: string[] }).moduleLoadList;
}
