import { createHandler } from '../chains/batch.ts';
import job from '../jobs/fulfilment/fulfil-ship.ts';

export const handler = createHandler({ jobs: { 'fulfil-ship': job } });
