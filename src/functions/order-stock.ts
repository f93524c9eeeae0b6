import { createHandler } from '../chains/batch.ts';
import orderStock from '../jobs/orders/order-stock.ts';

export const handler = createHandler({ jobs: { 'order-stock': orderStock } });
