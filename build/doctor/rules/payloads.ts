import { days, grouped } from '../figures.ts';
import type { Rule } from '../rule.ts';
import { pathOf, returnsWithin } from './message-life.ts';

const DAY = 86_400;
const MIB = 1_048_576;
/** What the function takes without payloads. */
const BASE_MB = 128;
/**
 * Memory for each byte of payloads: its bytes, its text, and its objects. Measured with 32 MiB of small objects, which took 780 MB;
 * long texts take a fifth of it.
 */
const FOLD = 24;

export const payloadsExpireEarly: Rule = {
  id: 'payloads-expire-early',
  level: 'error',
  explain:
    'A message may be requeued for four days, wait for as long as its queue keeps it, and then for as long as the dead-letter queue does. Where its payload is deleted before that, the job is lost.',
  *check(model) {
    for (const { queue, worker } of model.consumers) {
      const least = returnsWithin(pathOf(model, queue, worker.retryQueue?.queue));
      const { retentionDays } = worker.payloads;
      if (!(retentionDays * DAY < least)) continue;
      yield {
        resource: worker.id,
        problem: `PAYLOAD_RETENTION_DAYS is ${retentionDays}, and a message may return after ${days(least)}.`,
        remedy: `Set it (payloadRetentionDays) to at least ${Math.ceil(least / DAY)}, or shorten the retention.`,
        numbers: { PAYLOAD_RETENTION_DAYS: retentionDays, leastDays: least / DAY },
      };
    }
  },
};

export const payloadsExceedMemory: Rule = {
  id: 'payloads-exceed-memory',
  level: 'warning',
  explain:
    'A payload is in memory as bytes, as text and as objects. A function without the memory for that is killed with its batch, again at each receive.',
  *check({ functions }) {
    for (const { id, memoryMb, payloads } of functions.values()) {
      const needed = BASE_MB + Math.ceil((payloads.maxBytes * FOLD) / MIB);
      if (!(memoryMb < needed)) continue;
      yield {
        resource: id,
        problem: `MAX_PAYLOAD_BYTES is ${grouped(payloads.maxBytes)}, which may take ${grouped(needed)} MB, and its memory is ${grouped(memoryMb)} MB.`,
        remedy: `Set memory to at least ${needed}, or lower maxPayloadBytes.`,
        numbers: { MAX_PAYLOAD_BYTES: payloads.maxBytes, MemorySize: memoryMb },
      };
    }
  },
};
