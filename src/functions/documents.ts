import { createHandler } from '../chains/batch.ts';
import document from '../jobs/documents/document.ts';

/** Consumes the queue `documents`, whose jobs may be larger than an SQS message: docs/large-payloads.md. */
export const handler = createHandler({ jobs: { document } });
