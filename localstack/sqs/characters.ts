/** SQS takes these characters alone in bodies and attribute values [SendMessage]. */
export const INVALID_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
