import { demoJobs } from './jobs-demo.ts';
import { readOptions } from './options.ts';
import { demoPattern } from './patterns/demo-pattern.ts';

const options = readOptions(process.argv.slice(2));
await using cleanup = new AsyncDisposableStack();
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
  process.once(signal, () => void cleanup.disposeAsync().finally(() => process.exit(code)));
}
try {
  const { pattern } = options;
  const isRight =
    pattern === undefined ? await demoJobs(options, cleanup) : await demoPattern(pattern, options, cleanup);
  process.exitCode = isRight ? 0 : 1;
} catch (error) {
  console.error(`The demo did not come to its end: ${(error as Error).message}`);
  process.exitCode = 1;
}
