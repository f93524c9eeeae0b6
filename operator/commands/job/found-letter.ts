import type { CommandContext } from '../../command.ts';
import { type Found, readDeadLetters } from '../../dead-letters/selecting/read-dead-letters.ts';

/** A dead letter of the job that was asked for. */
export interface FoundLetter {
  readonly queue: string;
  readonly messageId: string;
  readonly errorClass: string;
  readonly message: string;
  /** Null where SQS itself moved the message: it does not count failures. */
  readonly attempts: number | null;
}

/** One job may have many letters; these are enough to see what is wrong. */
const MOST = 10;

/** Looks through all dead-letter queues of the stage; each letter is given back. */
export async function findLetters(context: CommandContext, jobId: string): Promise<FoundLetter[]> {
  const found: FoundLetter[] = [];
  await readDeadLetters(context, { jobId }, (letters) => {
    found.push(...letters.map(asFound));
    return found.length >= MOST;
  });
  return found.slice(0, MOST);
}

function asFound({ queue, letter, diagnosis }: Found): FoundLetter {
  return {
    queue: queue.name,
    messageId: letter.messageId,
    errorClass: diagnosis.errorClass,
    message: diagnosis.message,
    attempts: letter.reason?.attempts ?? null,
  };
}
