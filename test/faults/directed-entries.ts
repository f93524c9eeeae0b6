import type { ValidateFunction } from 'ajv';
import { createHandler } from '../../src/chains/batch.ts';
import { PermanentError, TransientError } from '../../src/failures/errors.ts';
import { defineJob } from '../../src/job.ts';
import { fifoQueue } from '../../src/queues/fifo-queue.ts';

interface Directed {
  readonly type: string;
  readonly message_id: string;
}

/** What the director answers to one run. */
export type Deed = 'pass' | 'fail' | 'refuse' | 'exit';

const anything = (() => true) as unknown as ValidateFunction<Directed>;

/** A job type of which each run does what a director says. */
const directed = (whenDead: 'park' | 'block') =>
  defineJob<Directed, { readonly director: string }>({
    schema: anything,
    key: (job) => job.message_id,
    keeps: 'fact',
    whenDead,
    // Time-outs of a busy machine are failures, too. None dies of them.
    retry: { baseMs: 400, capMs: 800, attempts: 1_000 },
    timeLimitMs: 5_000,
    settings: (read) => ({ director: read.url('DIRECTOR') }),
    async handle({ message_id }, { settings, signal }) {
      const answer = await fetch(`${settings.director}/${message_id}`, { method: 'POST', signal });
      const deed = (await answer.text()) as Deed;
      if (deed === 'fail') throw new TransientError('the director wants a failure');
      if (deed === 'refuse') throw new PermanentError('the director wants a refusal');
      if (deed === 'exit') process.exit(1);
      return null;
    },
  });

/** The function `entries` as it is deployed, but for its job types. */
export const handler = createHandler({
  jobs: { entry: directed('park'), blocks: directed('block') },
  strategy: fifoQueue,
});
