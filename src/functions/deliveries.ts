import { createHandler } from '../chains/batch.ts';
import webhook from '../jobs/webhook.ts';

/** Consumes the queue `deliveries` and its retry queue: docs/delayed-retry.md. */
export const handler = createHandler({ jobs: { webhook } });
