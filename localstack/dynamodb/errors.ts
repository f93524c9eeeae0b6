import type { Item } from './item.ts';

/**
 * An error of the DynamoDB API. `name` is the exception that a client sees, such as ConditionalCheckFailedException.
 */
export class DynamoError extends Error {
  readonly status: number;
  /** The item that failed a condition. It is sent only when the request asked for it. */
  readonly item: Item | undefined;

  constructor(name: string, message: string, details: { status?: number; item?: Item } = {}) {
    super(message);
    this.name = name;
    this.status = details.status ?? 400;
    this.item = details.item;
  }
}

export const validationError = (message: string) => new DynamoError('ValidationException', message);
