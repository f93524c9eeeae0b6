import type { Rule } from './rule.ts';
import * as batches from './rules/batches.ts';
import * as concurrency from './rules/concurrency.ts';
import * as deadLetters from './rules/dead-letters.ts';
import * as idempotency from './rules/idempotency.ts';
import * as limits from './rules/limits.ts';
import * as mappings from './rules/mappings.ts';
import * as payloads from './rules/payloads.ts';
import * as receives from './rules/receives.ts';
import * as recursion from './rules/recursion.ts';
import * as retryQueues from './rules/retry-queues.ts';
import * as subscriptions from './rules/subscriptions.ts';
import * as values from './rules/values.ts';
import * as visibility from './rules/visibility.ts';
import * as webhooks from './rules/webhooks.ts';

/** Every rule, in the order in which they are reported and documented. */
export const rules: readonly Rule[] = [
  visibility.visibilityBelowTimeout,
  visibility.visibilityBelowSixTimeouts,
  visibility.visibilityDiffers,
  receives.receiveCountLow,
  receives.receiveCountHigh,
  receives.receiveCountDiffers,
  receives.receiveCountFifo,
  retryQueues.retryQueueUnconsumed,
  retryQueues.retryDelayDiffers,
  deadLetters.deadLetterQueueMissing,
  deadLetters.deadLetterCircle,
  deadLetters.deadLetterType,
  deadLetters.deadLetterShared,
  deadLetters.deadLetterRetention,
  deadLetters.deadLetterRetentionShort,
  deadLetters.deadLetterSmaller,
  deadLetters.deadLettersUnwatched,
  mappings.batchSizeRange,
  mappings.batchWindowMissing,
  mappings.batchWindowRange,
  mappings.fifoWindow,
  mappings.failuresNotReported,
  mappings.filterDeletes,
  subscriptions.subscriptionDenied,
  subscriptions.subscriptionNotRaw,
  subscriptions.subscriptionLosesMessages,
  subscriptions.filterScopeMissing,
  batches.batchExceedsTimeout,
  batches.batchStartsLate,
  batches.batchExceedsPayload,
  concurrency.maximumConcurrencyRange,
  concurrency.concurrencyOverReserved,
  concurrency.concurrencyUnbounded,
  concurrency.concurrencyAndProvisioned,
  recursion.recursionTerminates,
  idempotency.recordsExpireEarly,
  idempotency.recordsNeverExpire,
  payloads.payloadsExpireEarly,
  payloads.payloadsExceedMemory,
  webhooks.webhooksUnguarded,
  webhooks.webhooksUnsigned,
  limits.queueLimits,
  limits.functionTimeoutRange,
  limits.fifoName,
  limits.shortPolling,
  values.valueInvalid,
  values.valueUnknown,
];
