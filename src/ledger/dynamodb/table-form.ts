/** The partition keys that a table of records may have. */
export const TABLE_KEYS = ['JobID', 'message_id'] as const;
/**
 * A table's partition key, which is also its form. `JobID`: the results table. `message_id`: the `processed_messages` contract, in
 * which a job that is done has `processed_at`, in seconds since the epoch like `ttl`.
 */
export type TableKey = (typeof TABLE_KEYS)[number];

/** The attributes that only this form has on a job that is done. */
export function addedWhenDone(key: TableKey): readonly string[] {
  return key === 'message_id' ? ['processed_at'] : [];
}
