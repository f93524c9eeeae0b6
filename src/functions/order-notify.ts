import { createHandler } from '../chains/batch.ts';
import orderNotify from '../jobs/orders/order-notify.ts';

export const handler = createHandler({ jobs: { 'order-notify': orderNotify } });
