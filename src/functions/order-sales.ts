import { createHandler } from '../chains/batch.ts';
import orderSales from '../jobs/orders/order-sales.ts';

export const handler = createHandler({ jobs: { 'order-sales': orderSales } });
