import validate, { type Triple } from '#schemas/triple';
import { PermanentError } from '../failures/errors.ts';
import { defineJob } from '../job.ts';

export default defineJob<Triple>({
  schema: validate,
  key: (job) => job.job_id,
  handle({ value }) {
    const result = value * 3;
    if (!Number.isFinite(result)) throw new PermanentError('value * 3 is not a finite number');
    return result;
  },
});
