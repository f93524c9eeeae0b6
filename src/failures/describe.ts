import { MAX_CAUSES, MAX_CLASS, MAX_MESSAGE } from './failure.ts';
import { legible } from './foreign-text.ts';
import { attempt, field, isA, textField } from './thrown.ts';

/** A thrown value in words: its class, and its message with those of its causes. Never throws. */
export function describe(error: unknown): { errorClass: string; message: string } {
  if (!isA(error, Error)) {
    const text = attempt(() => String(error)) ?? 'it cannot be shown';
    return { errorClass: 'NonError', message: legible(`a handler threw ${typeof error}: ${text}`, MAX_MESSAGE) };
  }
  const name = textField(error, 'name') || textField(field(error, 'constructor'), 'name') || 'Error';
  return {
    errorClass: legible(name, MAX_CLASS).replaceAll(/\s+/g, ' '),
    message: legible(messageOf(error) || name, MAX_MESSAGE),
  };
}

/** The error's message and those of its causes. The causes often hold the reason; "fetch failed" does not. */
function messageOf(error: Error): string {
  const messages = new Set<string>();
  let cause: unknown = error;
  for (let depth = 0; isA(cause, Error) && depth < MAX_CAUSES; depth++, cause = field(cause, 'cause')) {
    const message = legible(textField(cause, 'message'), MAX_MESSAGE);
    if (message && ![...messages].some((said) => said.includes(message))) messages.add(message);
  }
  return [...messages].join(': ');
}
