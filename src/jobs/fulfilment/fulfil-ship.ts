import { hash } from 'node:crypto';
import validate, { type FulfilShip } from '#schemas/fulfil-ship';
import { defineJob } from '../../job.ts';

/** Digits of a shipping unit's number before its check digit [GS1 General Specifications, SSCC]. */
const SERIAL_DIGITS = 17;

/** Makes the label of an order. It depends on the order only, so an order has one label, whoever asks how often. */
export default defineJob<FulfilShip>({
  schema: validate,
  key: ({ order_id }) => order_id,
  namespace: 'fulfil-ship',
  handle({ order_id, customer_id, reservation, warehouse, payment }) {
    const number = shippingNumber(order_id);
    return {
      number,
      label: [`FROM ${warehouse}`, `TO ${customer_id}`, `(00) ${number}`].join('\n'),
      reservation,
      payment,
    };
  },
});

/** 18 digits, the last of which lets a scanner see that it has misread one. */
export function shippingNumber(orderId: string): string {
  const digits = BigInt(`0x${hash('sha256', `shipment\n${orderId}`)}`) % 10n ** BigInt(SERIAL_DIGITS);
  const serial = String(digits).padStart(SERIAL_DIGITS, '0');
  const sum = [...serial].reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 3 : 1), 0);
  return `${serial}${(10 - (sum % 10)) % 10}`;
}
