import { type BatchAnswer, ENTRIES_PER_REQUEST, refusalsIn, refusalText } from '../../../src/aws/sqs-api.ts';

const REQUESTS_IN_FLIGHT = 8;

/** @returns for each entry undefined, or why SQS did not do it */
export async function refusalTexts(count: number, request: Promise<BatchAnswer>): Promise<(string | undefined)[]> {
  try {
    return refusalsIn(await request, count).map((refusal) => refusal && refusalText(refusal));
  } catch (error) {
    return Array.from({ length: count }, () => (error as Error).message);
  }
}

/** Works on items ten at a time, as a batch request takes them, several batches at once. */
export async function inBatches<T>(items: readonly T[], work: (batch: readonly T[]) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const batch = items.slice(next, next + ENTRIES_PER_REQUEST);
      next += ENTRIES_PER_REQUEST;
      await work(batch);
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_IN_FLIGHT }, worker));
}
