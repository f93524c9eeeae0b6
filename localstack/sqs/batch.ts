import { SqsError } from '../fauxqs/internals.ts';
import type { Body } from './call.ts';

const MOST_ENTRIES = 10;
const ID = /^[\w-]{1,80}$/;

/** The entries of a batch request. @throws {SqsError} for what SQS refuses whole */
export function entriesOf<Entry>(body: Body): (Entry & { Id: string })[] {
  const entries = (body.Entries ?? []) as (Entry & { Id: string })[];
  if (entries.length === 0) {
    throw new SqsError('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  }
  if (entries.length > MOST_ENTRIES) {
    const message = `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${entries.length}.`;
    throw new SqsError('TooManyEntriesInBatchRequest', message);
  }
  if (!entries.every(({ Id }) => ID.test(Id))) {
    throw new SqsError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new SqsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  return entries;
}

/** Runs entry by entry; one that is refused fails alone. */
export function runEach<Entry extends { Id: string }>(entries: Entry[], run: (entry: Entry) => object) {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    const { Id } = entry;
    try {
      Successful.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      Failed.push({ Id, SenderFault: error.senderFault, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}
