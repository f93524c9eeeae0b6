import type { DemoMessage } from '../mix.ts';
import type { Complain, Evidence } from './evidence.ts';

/** Each item of the table must belong to a job that was sent, and be done or dead. */
export function checkItems({ sent, items }: Evidence, complain: Complain): void {
  const storable = new Set(sent.flatMap(({ expected }) => (expected.ends === 'stored' ? [expected.jobId] : [])));
  const known = new Set([...storable, ...sent.map(idIn)]);
  for (const { jobId, status } of items) {
    const name = `The table's item ${JSON.stringify(jobId.slice(0, 40))}`;
    if (!known.has(jobId)) complain(`${name} belongs to no message that was sent.`);
    else if (status === 'done' && !storable.has(jobId)) complain(`${name} is a result of a message that is no job.`);
    // A job that claimed and ended in the dead-letter queue leaves an item with the status "dead".
    else if (status !== 'done' && status !== 'dead') complain(`${name} is left with the status "${status}".`);
  }
}

/** The id in a message, even if the message is no job. */
function idIn({ body }: DemoMessage): string | undefined {
  try {
    const { job_id } = JSON.parse(body);
    return typeof job_id === 'string' ? job_id : undefined;
  } catch {
    return undefined;
  }
}
