import validate, { type OrderSales } from '#schemas/order-sales';
import { defineJob } from '../../job.ts';

interface Settings {
  /** Included in amounts; a whole number of percent. */
  readonly vatPercent: number;
}

/** The least gross amount of each segment, the largest first. */
const SEGMENTS = [
  ['large', 1_000],
  ['medium', 100],
  ['small', 0],
] as const;

/** Books an order. Amounts are rounded to cents, net and VAT so that they add up to the gross amount. */
export default defineJob<OrderSales, Settings>({
  schema: validate,
  key: ({ order_id }) => order_id,
  namespace: 'order-sales',
  settings: (read) => ({ vatPercent: read.integer('VAT_PERCENT', { min: 0, max: 100, fallback: 20 }) }),
  handle({ amount, customer_id }, { settings: { vatPercent } }) {
    const gross = Math.round(amount * 100);
    const net = Math.round((gross * 100) / (100 + vatPercent));
    const [segment] = SEGMENTS.find(([, least]) => amount >= least) ?? ['small'];
    return { customer: customer_id, segment, gross: gross / 100, net: net / 100, vat: (gross - net) / 100 };
  },
});
