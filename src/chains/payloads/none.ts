import type { Payloads } from './payloads.ts';

/**
 * Payloads in S3 are not read. esbuild puts this constant into the expressions that ask for it, and drops the branches
 * that are never taken. So such a bundle has not one byte for payloads.
 */
export const payloads: Payloads | undefined = undefined;
