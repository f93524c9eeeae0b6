import { createHandler } from '../chains/batch.ts';
import job from '../jobs/fulfilment/fulfil-reserve.ts';

export const handler = createHandler({ jobs: { 'fulfil-reserve': job } });
