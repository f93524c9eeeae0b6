import { createHandler } from '../chains/batch.ts';
import entry from '../jobs/entries/entry.ts';
import { fifoQueue } from '../queues/fifo-queue.ts';

/** Consumes the FIFO queue `entries`. */
export const handler = createHandler({ jobs: { entry }, strategy: fifoQueue });
