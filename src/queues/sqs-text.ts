/**
 * Characters that SQS does not take in a body or a string attribute [SendMessage]: controls, U+FFFE, U+FFFF, lone
 * surrogates.
 */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** Whether SQS takes the text, apart from its length. It takes linear time. */
export function isSqsText(text: string): boolean {
  return !FORBIDDEN.test(text);
}
