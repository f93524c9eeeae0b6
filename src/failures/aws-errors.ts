const THROTTLED = 'Throttl|TooManyRequests|LimitExceeded|ThroughputExceeded|SlowDown';

/**
 * What AWS calls its errors, by what they mean. This is the only list: services differ in spelling, so names are
 * matched by part.
 */
const NAMES = {
  /** Passes by itself where there are fewer requests. */
  throttled: new RegExp(THROTTLED),
  /** Passes by itself, although some of them are called a client's fault. */
  passing: new RegExp(`${THROTTLED}|RequestTimeout|ExpiredToken|TimeTooSkewed|Conflict|InProgress|InternalServerError`),
  /** What the request holds is at fault: an entry, an item, a value. */
  contents:
    /^(Invalid(MessageContents|ParameterValue|AttributeValue)|BatchRequestTooLong|Validation|Serialization|ItemCollectionSizeLimit|RequestEntityTooLarge)/,
  credentials:
    /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|AuthFailure|InvalidAccessKeyId)/,
  denied: /^(AccessDenied|UnauthorizedOperation|NotAuthorized|OptInRequired)/,
  missing: /^(QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue|ResourceNotFound)/,
  encryption: /^KMS/,
  /** The other side does not know the call: an emulator, or an old one. */
  unknownCall: /UnsupportedOperation|InvalidAction|NotImplemented|UnknownOperation/,
} as const;

export type AwsProblem = keyof typeof NAMES;

/** Whether an error that AWS calls `name` is of one of these. Pure. */
export function isAws(name: string, ...problems: readonly AwsProblem[]): boolean {
  return problems.some((problem) => NAMES[problem].test(name));
}
