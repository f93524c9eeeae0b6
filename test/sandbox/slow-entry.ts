import { setTimeout as delay } from 'node:timers/promises';

// As on a machine with much else to do.
await delay(3_000);
await import('./entry.ts');
