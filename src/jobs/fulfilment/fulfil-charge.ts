import { hash } from 'node:crypto';
import validate, { type FulfilCharge } from '#schemas/fulfil-charge';
import { PermanentError } from '../../failures/errors.ts';
import { defineJob } from '../../job.ts';

interface Settings {
  /** The highest amount that is charged without somebody's approval. */
  readonly limit: number;
}

type Booking = { readonly payment: string; readonly customer: string; readonly cents: number };

/** Charges for an order. The result is the booking, so an order is charged once, whoever asks how often. */
export default defineJob<FulfilCharge, Settings, Booking>({
  schema: validate,
  key: ({ order_id }) => order_id,
  namespace: 'fulfil-charge',
  settings: (read) => ({ limit: read.integer('CHARGE_LIMIT', { min: 0, max: 1_000_000_000, fallback: 10_000 }) }),
  handle({ order_id, amount, customer_id }, { settings: { limit } }) {
    if (amount > limit) {
      throw new PermanentError(
        `the amount is above the ${limit} that are charged without approval: raise CHARGE_LIMIT, and redrive`,
      );
    }
    const payment = `pay_${hash('sha256', `payment\n${order_id}`).slice(0, 16)}`;
    return { payment, customer: customer_id, cents: Math.round(amount * 100) };
  },
  handOver: ({ order_id, customer_id, reservation, warehouse }, { payment }) => ({
    order_id,
    customer_id,
    reservation,
    warehouse,
    payment,
  }),
});
