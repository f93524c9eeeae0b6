import validate, { type Entry } from '#schemas/entry';
import { PermanentError } from '../../failures/errors.ts';
import { defineJob } from '../../job.ts';

/** Accounts are kept in units of a hundredth. */
const DECIMALS = 2;

/** Books one entry of an account. The entry's record is the booking: the fact that it was booked, once and in its order. */
export default defineJob<Entry>({
  schema: validate,
  key: (entry) => entry.message_id,
  keeps: 'fact',
  handle({ amount }) {
    if (amount === 0) throw new PermanentError('an entry of 0 books nothing');
    if (Number(amount.toFixed(DECIMALS)) !== amount) {
      throw new PermanentError(`amount must have at most ${DECIMALS} decimals: accounts are kept in hundredths`);
    }
    return null;
  },
});
