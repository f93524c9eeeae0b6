/** An object, whose properties may be anything. */
export type Fields = Record<string, unknown>;

/** `instanceof` for a thrown value. A Proxy may throw there; then the answer is false. */
export function isA<Class>(error: unknown, type: abstract new (...args: never[]) => Class): error is Class {
  return attempt(() => error instanceof type) ?? false;
}

/** A property of a thrown value; undefined where reading it throws. */
export function field(value: unknown, name: string): unknown {
  return attempt(() => (value as Fields)[name]);
}

/** The same where it is a text; else empty. */
export function textField(value: unknown, name: string): string {
  const text = field(value, name);
  return typeof text === 'string' ? text : '';
}

/** What `look` answers; undefined where it throws. */
export function attempt<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
