const THROTTLED = 'Throttl|TooManyRequests|LimitExceeded|ThroughputExceeded|SlowDown';

/**
 * The names of AWS's errors, by their meaning. This is the only such list. Names are matched by part, because services
 * spell them differently.
 */
const NAMES = {
  /** Passes by itself when there are fewer requests. */
  throttled: new RegExp(THROTTLED),
  /** Passes by itself, although AWS calls some of these a client's fault. */
  passing: new RegExp(`${THROTTLED}|RequestTimeout|ExpiredToken|TimeTooSkewed|Conflict|InProgress|InternalServerError`),
  /** The content of the request is at fault: an entry, an item, a value. */
  contents:
    /^(Invalid(MessageContents|ParameterValue|AttributeValue)|BatchRequestTooLong|Validation|Serialization|ItemCollectionSizeLimit|RequestEntityTooLarge)/,
  credentials:
    /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|AuthFailure|InvalidAccessKeyId)/,
  denied: /^(AccessDenied|UnauthorizedOperation|NotAuthorized|OptInRequired)/,
  missing: /^(QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue|ResourceNotFound)/,
  encryption: /^KMS/,
  /** The other side does not know the call, because it is an emulator or an old version. */
  unknownCall: /UnsupportedOperation|InvalidAction|NotImplemented|UnknownOperation/,
} as const;

export type AwsProblem = keyof typeof NAMES;

/** Whether an error with AWS's name `name` has one of these meanings. Pure. */
export function isAws(name: string, ...problems: readonly AwsProblem[]): boolean {
  return problems.some((problem) => NAMES[problem].test(name));
}
