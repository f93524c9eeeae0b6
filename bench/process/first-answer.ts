import { contextOf, eventOf, freshJobs } from './event.ts';

/** Loads the bundle in the first argument, answers one batch of one job, and says so: the whole of a cold start. */
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

/** What Node loaded of itself: http alone is a few dozen modules, and undici (fetch, WebSocket) the largest of all. */
function builtins(): string[] {
  return (process as unknown as { moduleLoadList: string[] }).moduleLoadList;
}
