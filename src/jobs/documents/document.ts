import { createHash } from 'node:crypto';
import validate, { type Document } from '#schemas/document';
import { defineJob } from '../../job.ts';

/** A word is what stands between blanks; the last line need not have an end. */
export default defineJob<Document>({
  schema: validate,
  key: (job) => job.job_id,
  handle({ text }) {
    return {
      bytes: Buffer.byteLength(text),
      lines: count(text, /\n/g) + (text === '' || text.endsWith('\n') ? 0 : 1),
      words: count(text, /\S+/g),
      sha256: createHash('sha256').update(text).digest('hex'),
    };
  },
});

/** One after another, because all at once would be as large as the text again. */
function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (const _ of text.matchAll(pattern)) found += 1;
  return found;
}
