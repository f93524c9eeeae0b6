import { type Complain, type Evidence, undoneByCrash } from './evidence.ts';

/**
 * Each webhook that is stored must have been delivered with its own payload, and once. A second delivery must have a
 * newer fencing token, and a process must have died after the one before it.
 */
export function checkDeliveries(evidence: Evidence, complain: Complain): { delivered: number; deliveredAgain: number } {
  const payloads = new Map<string, string>();
  for (const { expected } of evidence.sent) {
    if (expected.ends === 'stored' && expected.delivers !== undefined) payloads.set(expected.jobId, expected.delivers);
  }
  const stored = new Set(evidence.items.filter(({ status }) => status === 'done').map(({ jobId }) => jobId));
  for (const jobId of payloads.keys()) {
    if (stored.has(jobId) && !evidence.deliveries.has(jobId))
      complain(`Webhook ${jobId} is stored and was never delivered.`);
  }

  let deliveredAgain = 0;
  for (const [jobId, deliveries] of evidence.deliveries) {
    const payload = payloads.get(jobId);
    if (payload === undefined) complain(`The receiver got a delivery for ${jobId}, which is no webhook that was sent.`);
    else if (deliveries.some(({ body }) => body !== payload))
      complain(`Webhook ${jobId} was delivered with another payload.`);
    for (const [i, next] of deliveries.slice(1).entries()) {
      const before = deliveries[i];
      const excused = before && undoneByCrash(before.at, evidence) && next.fencingToken > before.fencingToken;
      if (excused) deliveredAgain += 1;
      else complain(`Webhook ${jobId} was delivered again, and no crash explains it.`);
    }
  }
  return { delivered: evidence.deliveries.size, deliveredAgain };
}
