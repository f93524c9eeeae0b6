import type { SQSRecord } from 'aws-lambda';

/** What SQS takes as a group's id [SendMessage]: printable characters without spaces, so it is safe to log. */
const GROUP_ID = /^[!-~]{1,128}$/;

/** The groups of one batch: on a FIFO queue those that keep an order, on a fair queue the tenants. */
export interface MessageGroups {
  /** Messages that have a group. */
  readonly messages: number;
  /** Different groups. */
  readonly distinct: number;
  /** The group with the most messages of the batch, and how many they are. */
  readonly largest: { readonly id: string; readonly messages: number };
}

/** A message's group; undefined where it has none. */
export function groupOf({ attributes }: Pick<SQSRecord, 'attributes'>): string | undefined {
  const id: unknown = attributes?.MessageGroupId;
  return typeof id === 'string' && GROUP_ID.test(id) ? id : undefined;
}

/** Counts a batch's groups; undefined where no message has one. */
export function messageGroupsOf(records: readonly Pick<SQSRecord, 'attributes'>[]): MessageGroups | undefined {
  const counts = new Map<string, number>();
  let messages = 0;
  let largest = { id: '', messages: 0 };
  for (const record of records) {
    const id = groupOf(record);
    if (id === undefined) continue;
    messages += 1;
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    if (count > largest.messages) largest = { id, messages: count };
  }
  return messages === 0 ? undefined : { messages, distinct: counts.size, largest };
}
