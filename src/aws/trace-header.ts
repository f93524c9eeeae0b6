import type { MessageSystemAttributeValue } from '@aws-sdk/client-sqs';

/** An X-Ray header has about 100 characters, about 300 with a full lineage. Anything longer is not such a header. */
const MAX_LENGTH = 1_024;

/**
 * The fields of a trace [X-Ray: tracing header] and their form. The form is checked because producers can write any
 * header, and SQS refuses a message whose header is malformed.
 */
const FORMS: Readonly<Record<string, RegExp>> = {
  Root: /^1-[0-9a-f]{1,8}-[0-9a-f]{1,24}$/,
  Parent: /^[0-9a-f]{1,16}$/,
  Sampled: /^[01?]$/,
};

/**
 * The trace of a header (`Root=...;Parent=...;Sampled=...`) without its `Lineage`. Lambda uses the lineage to count how
 * often a chain of requests has come back to a function, and drops a message after about 16 times
 * [lambda/latest/dg/invocation-recursion.html]. Our copies come back on purpose, and have their own limit.
 *
 * @returns undefined where there is no trace, or where the header is not a valid X-Ray header
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

/** The attribute that a copy of a message needs, so that its trace continues. */
export function traceOf(header: string | undefined): {
  MessageSystemAttributes?: { AWSTraceHeader: MessageSystemAttributeValue };
} {
  const trace = traceAlone(header);
  if (trace === undefined) return {};
  return { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } } };
}
