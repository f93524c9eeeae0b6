/** A value in DynamoDB's JSON: `{ S: 'text' }`, `{ N: '42' }` and so on. */
export type AttributeValue = Record<string, unknown>;
export type Item = Record<string, AttributeValue>;
