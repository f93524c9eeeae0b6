/** What a function's answer says about its batch: the ids that failed, or that all failed and why. */
export type BatchVerdict = { failed: ReadonlySet<string> } | { failed: 'all'; reason: string };

const all = (reason: string): BatchVerdict => ({ failed: 'all', reason });

/**
 * Reads a response under ReportBatchItemFailures with Lambda's rules. The batch succeeded with: no response, null, an
 * object without `batchItemFailures`, or an empty or null list. The whole batch failed with: invalid JSON, any other
 * value, an item without a usable `itemIdentifier` (missing, misnamed, null, empty), or an id that was not in the
 * batch.
 */
export function readBatchResponse(payload: string, messageIds: ReadonlySet<string>): BatchVerdict {
  let response: unknown;
  try {
    response = payload === '' ? null : JSON.parse(payload);
  } catch {
    return all('the response is not valid JSON');
  }
  if (response === null) return { failed: new Set() };
  if (typeof response !== 'object' || Array.isArray(response)) return all('the response is not an object');
  const items: unknown = 'batchItemFailures' in response ? response.batchItemFailures : null;
  if (items === null) return { failed: new Set() };
  if (!Array.isArray(items)) return all('batchItemFailures is not a list');
  const failed = new Set<string>();
  for (const item of items) {
    const id: unknown = item?.itemIdentifier;
    if (typeof id !== 'string' || id === '') return all('an item of batchItemFailures has no itemIdentifier');
    if (!messageIds.has(id)) return all(`itemIdentifier ${id} is not the messageId of a record of this batch`);
    failed.add(id);
  }
  return { failed };
}
