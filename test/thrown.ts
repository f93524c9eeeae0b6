import fc from 'fast-check';

const BOOM = (): never => {
  throw new Error('looking at it throws');
};

/** Throws whatever is done with it; `typeof` and `===` are all that is left. */
const untouchable = (target: object): object =>
  new Proxy(target, {
    get: BOOM,
    getPrototypeOf: BOOM,
    has: BOOM,
    ownKeys: BOOM,
    getOwnPropertyDescriptor: BOOM,
    apply: BOOM,
    construct: BOOM,
  });

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** A property that answers something else, or throws, each time it is read. */
function moody(values: readonly unknown[]): PropertyDescriptor {
  let reads = 0;
  return {
    configurable: true,
    enumerable: true,
    get: () => {
      const value = values[reads++ % Math.max(1, values.length)];
      return value === BOOM ? BOOM() : value;
    },
  };
}

const NAMES = ['name', 'message', 'cause', 'status', 'statusCode', 'code', 'headers', 'response', '$response'].concat([
  '$metadata',
  '$fault',
  '$retryable',
  'retryAfterMs',
  'constructor',
  'toString',
  'httpStatusCode',
  'retry-after',
]);

const plain = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});

const likely = fc.constantFrom<unknown>(
  ...['AbortError', 'TransientError', 'ThrottlingException', 'ECONNRESET', 'ERR_INVALID_URL', 'client', '17', ''],
  ...[404, 503, 599.5, Number.NaN, -1, Number.POSITIVE_INFINITY, 1e300, Symbol('odd'), 10n, () => 1, null, undefined],
  ...[new Headers({ 'retry-after': '3' }), '\ud800', 'Thu, 01 Jan 2026 00:01:30 GMT', 'x'.repeat(100_000)],
);

/** Makes a value anew each time: fast-check itself must not look at it, and what changes when read starts over. */
export type Recipe = () => unknown;

/**
 * Whatever a handler can throw: any value, errors of every class with any field of any value, fields that throw or change
 * when read, Proxies that refuse everything, revoked ones, and causes that lead back to the start.
 *
 * @param classes of errors; each is made with a message
 */
export function thrown(classes: readonly (new (message: string) => Error)[]): fc.Arbitrary<Recipe> {
  const simple = fc.oneof(plain, likely).map(
    (value): Recipe =>
      () =>
        value,
  );
  const odd = fc.constantFrom<Recipe>(
    revoked,
    () => untouchable({}),
    () => untouchable(new Error('x')),
    () => untouchable(() => 1),
  );
  const bases = fc.constantFrom<() => object>(
    ...classes.map((Class) => () => new Class('message')),
    () => ({}),
    () => Object.create(null),
    () => Object.create(Error.prototype),
  );
  const { value } = fc.letrec<{ value: Recipe }>((tie) => {
    const inner = fc.oneof({ depthSize: 'small', withCrossShrink: true }, simple, odd, tie('value'));
    const answers = fc.array(
      fc.oneof(
        inner,
        fc.constant<Recipe>(() => BOOM),
      ),
      { maxLength: 3 },
    );
    const fields = fc.array(fc.tuple(fc.constantFrom(...NAMES), answers), { maxLength: 5 });
    const shaped = fc.tuple(bases, fields, fc.boolean()).map(
      ([base, own, isItsOwnCause]): Recipe =>
        () => {
          const object = base();
          for (const [name, recipes] of own) Object.defineProperty(object, name, moody(recipes.map((make) => make())));
          if (isItsOwnCause) Object.defineProperty(object, 'cause', { configurable: true, value: object });
          return object;
        },
    );
    return {
      value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, simple, odd, { arbitrary: shaped, weight: 4 }),
    };
  });
  return value;
}
