import type { DemoMessage } from './mix.ts';
import type { Receiver } from './receiver.ts';
import type { Service } from './service.ts';

/** Early in the run, because the batch comes back only after the queue's visibility timeout. */
const AFTER_SHARE = 0.05;

/**
 * Kills one function process in the middle of a batch: just after the receiver has answered a webhook, and before the
 * worker has read the answer.
 */
export function planMishap(
  mix: readonly DemoMessage[],
  { receiver, service }: { receiver: Receiver; service: Service },
  note: (text: string) => void,
): void {
  const webhooks = mix.filter(({ kind }) => kind === 'webhook').length;
  receiver.onceDelivered(Math.ceil(webhooks * AFTER_SHARE), () => {
    if (service.worker.killOne()) {
      note(`killed a function process in mid-batch; the batch is back in ${service.visibilitySeconds} s`);
    }
  });
}
