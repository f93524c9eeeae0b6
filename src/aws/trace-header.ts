import type { MessageSystemAttributeValue } from '@aws-sdk/client-sqs';

/** The header of X-Ray has some 100 characters, with a full lineage some 300; what is longer is no such header. */
const MAX_LENGTH = 1_024;

/**
 * The fields of a trace [X-Ray: tracing header], checked for their form, since a producer writes the header as it likes and
 * SQS refuses a message whose header is malformed.
 */
const FORMS: Readonly<Record<string, RegExp>> = {
  Root: /^1-[0-9a-f]{1,8}-[0-9a-f]{1,24}$/,
  Parent: /^[0-9a-f]{1,16}$/,
  Sampled: /^[01?]$/,
};

/**
 * The trace of a header (`Root=...;Parent=...;Sampled=...`) without its `Lineage`, by which Lambda counts how often a chain of
 * requests has come back to a function, and drops a message after about 16 times
 * [lambda/latest/dg/invocation-recursion.html]. Our copies go round on purpose, and have a bound of their own.
 *
 * @returns undefined where there is no trace, or the header is not one of X-Ray's
 */
export function traceAlone(header: string | undefined): string | undefined {
  if (header === undefined || header.length > MAX_LENGTH) return undefined;
  const fields = new Map<string, string>();
  for (const field of header.split(';')) {
    const [name = '', value = '', ...rest] = field.trim().split('=');
    const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
    if (!form) continue;
    if (rest.length > 0 || !form.test(value) || fields.has(name)) return undefined;
    fields.set(name, value);
  }
  if (!fields.has('Root')) return undefined;
  return [...fields].map(([name, value]) => `${name}=${value}`).join(';');
}

/** What a copy of a message sends along so that its trace goes on. */
export function traceOf(header: string | undefined): {
  MessageSystemAttributes?: { AWSTraceHeader: MessageSystemAttributeValue };
} {
  const trace = traceAlone(header);
  if (trace === undefined) return {};
  return { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } } };
}
