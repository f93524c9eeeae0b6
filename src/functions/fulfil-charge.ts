import { createHandler } from '../chains/batch.ts';
import job from '../jobs/fulfilment/fulfil-charge.ts';

export const handler = createHandler({ jobs: { 'fulfil-charge': job } });
