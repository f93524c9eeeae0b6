import { hash } from 'node:crypto';
import { type Failure, MAX_CLASS } from './failure.ts';

/** Characters of a message that a fingerprint reads, and those that it keeps after ids and values are taken out. */
const MAX_LOOKED_AT = 2_000;
const MAX_SHAPE = 200;

/** Each quantifier ends where the next begins. So no text makes these patterns read the same characters twice. */
const QUOTED = /"[^"]*"|'[^']*'|`[^`]*`/g;
const STATUS_OR_WORD = /\b(?:answered|status|HTTP) [1-5]\d\d\b|\w+(?:-+\w+)*/gi;

/**
 * A short name, of 12 characters, to group dead letters with the same error. It is equal for errors of one class whose
 * messages differ only in numbers, ids or quoted values. An HTTP status is part of the error. It reads only the first
 * 2,000 characters, each of them once.
 */
export function errorFingerprint({ errorClass, message }: Pick<Failure, 'errorClass' | 'message'>): string {
  const shape = message
    .slice(0, MAX_LOOKED_AT)
    .replaceAll(QUOTED, '?')
    .replaceAll(STATUS_OR_WORD, (words) => (words.includes(' ') || !/\d/.test(words) ? words : '#'))
    .slice(0, MAX_SHAPE);
  return hash('sha256', `${errorClass.slice(0, MAX_CLASS)}\n${shape}`, 'base64url').slice(0, 12);
}
