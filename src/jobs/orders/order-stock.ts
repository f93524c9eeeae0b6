import { hash } from 'node:crypto';
import validate, { type OrderStock } from '#schemas/order-stock';
import { defineJob } from '../../job.ts';

interface Settings {
  readonly warehouses: readonly string[];
}

/** What fits into one parcel, as an amount. */
const PARCEL = 500;

/**
 * Reserves what an order needs. The result is the reservation: it is written once an order, whoever asks how often. A
 * customer's orders come from one warehouse, so that they can be packed together; each warehouse has its share of
 * customers, and keeps them when another one is added [rendezvous hashing].
 */
export default defineJob<OrderStock, Settings>({
  schema: validate,
  key: ({ order_id }) => order_id,
  namespace: 'order-stock',
  settings: (read) => {
    const warehouses = read.list('WAREHOUSES');
    if (warehouses.length === 0) read.problem('WAREHOUSES is not set: name at least one, such as north,south');
    return { warehouses };
  },
  handle({ order_id, amount, customer_id }, { settings: { warehouses } }) {
    return {
      reservation: digest(order_id).slice(0, 16),
      warehouse: nearest(customer_id, warehouses),
      parcels: Math.max(1, Math.ceil(amount / PARCEL)),
    };
  },
});

function nearest(customer: string, warehouses: readonly string[]): string {
  const distance = (warehouse: string) => digest(`${customer}\n${warehouse}`);
  return warehouses.reduce((a, b) => (distance(a) <= distance(b) ? a : b));
}

const digest = (text: string): string => hash('sha256', text);
