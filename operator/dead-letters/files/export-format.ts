/**
 * An export is lines of JSON in UTF-8: this header, a line for each letter, and an end with their number. Without its
 * end a file was cut short.
 */
export const HEADER = JSON.stringify({ format: 'sluice-dead-letters', version: 1 });
/** How the last line starts. */
export const END = '{"end":true';
/** The last line. */
export const endLine = (letters: number): string => JSON.stringify({ end: true, letters });
