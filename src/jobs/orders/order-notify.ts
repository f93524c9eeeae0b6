import validate, { type OrderNotify } from '#schemas/order-notify';
import type { EnvironmentReader } from '../../env.ts';
import { defineJob } from '../../job.ts';
import { deliver, readSecrets, type SigningSecret } from '../webhook/deliver.ts';

interface Settings {
  /** Undefined where notifications are only composed. */
  readonly url: URL | undefined;
  readonly secrets: readonly SigningSecret[];
}

/**
 * Tells about an order. With `NOTIFY_URL` the notification is posted there, and signed as webhooks are. Without it the
 * result holds it. The stage chooses the URL, so it may be a private one.
 */
export default defineJob<OrderNotify, Settings>({
  schema: validate,
  key: ({ order_id }) => order_id,
  namespace: 'order-notify',
  claims: true,
  settings: (read) => ({ url: readUrl(read), secrets: readSecrets(read) }),
  async handle({ order_id, amount, customer_id }, { signal, fencingToken, settings: { url, secrets } }) {
    const notification = { event: 'order.placed', order_id, amount, customer_id };
    if (!url) return { notification };
    // A name of its own: the receiver may also get webhook jobs of the same id.
    const delivery = { id: `order-notify:${order_id}`, payload: notification };
    const { status } = await deliver(url, delivery, { secrets, publicOnly: false, signal, fencingToken });
    return { notification, status };
  },
});

function readUrl(read: EnvironmentReader): URL | undefined {
  const text = read.optional('NOTIFY_URL');
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  // Not its text: a webhook's path is often a secret.
  if (!url || !/^https?:$/.test(url.protocol)) read.problem('NOTIFY_URL is not an http or https URL');
  return url ?? undefined;
}
