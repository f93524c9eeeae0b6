import { hash } from 'node:crypto';
import validate, { type FulfilReserve } from '#schemas/fulfil-reserve';
import { defineJob } from '../../job.ts';

interface Settings {
  readonly warehouses: readonly string[];
}

type Reservation = { readonly reservation: string; readonly warehouse: string; readonly parcels: number };

/** What fits into one parcel, as an amount. */
const PARCEL = 500;

/**
 * Reserves what an order needs. The result is the reservation, so an order has one, whoever asks how often. A customer's orders
 * come from one warehouse.
 */
export default defineJob<FulfilReserve, Settings, Reservation>({
  schema: validate,
  key: ({ order_id }) => order_id,
  namespace: 'fulfil-reserve',
  settings: (read) => {
    const warehouses = read.list('WAREHOUSES');
    if (warehouses.length === 0) read.problem('WAREHOUSES is not set: name at least one, such as north,south');
    return { warehouses };
  },
  handle({ order_id, amount, customer_id }, { settings: { warehouses } }) {
    const share = Number.parseInt(hash('sha256', customer_id).slice(0, 12), 16) % warehouses.length;
    return {
      reservation: `rsv_${hash('sha256', `reservation\n${order_id}`).slice(0, 16)}`,
      warehouse: warehouses[share] as string,
      parcels: Math.max(1, Math.ceil(amount / PARCEL)),
    };
  },
  handOver: ({ order_id, amount, customer_id }, { reservation, warehouse }) => ({
    order_id,
    amount,
    customer_id,
    reservation,
    warehouse,
  }),
});
