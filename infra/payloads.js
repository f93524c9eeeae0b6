import { DeclarationError } from './declaration-error.js';
import { arnOf } from './names.js';

/** Logical id of the bucket, which infra/payloads-bucket.js declares. */
export const BUCKET = 'PayloadsBucket';
const LEAST_DAYS = 1;
const MOST_DAYS = 3650;

/** @param {import('./service.js').Framework} framework @returns {Promise<number>} days */
export async function readRetention({ resolveVariable }) {
  const value = await resolveVariable('param:payloadRetentionDays');
  const days = Number(value);
  if (Number.isInteger(days) && days >= LEAST_DAYS && days <= MOST_DAYS) return days;
  throw new DeclarationError(
    `The parameter payloadRetentionDays must be a whole number from ${LEAST_DAYS} to ${MOST_DAYS}, not "${value}"`,
  );
}

/**
 * The variables that src/chains/payloads/s3.ts reads.
 *
 * @param {{ largePayloads?: boolean, maxPayloadBytes?: number }} queue
 * @param {number} retentionDays
 */
export function payloadVariables({ largePayloads, maxPayloadBytes }, retentionDays) {
  if (!largePayloads) return {};
  return {
    PAYLOADS_BUCKET: { Ref: BUCKET },
    MAX_PAYLOAD_BYTES: maxPayloadBytes,
    PAYLOAD_RETENTION_DAYS: retentionDays,
  };
}

/**
 * Reading payloads. Without ListBucket, S3 answers AccessDenied for an object that is missing, and nobody could tell it from
 * a missing permission [S3, GetObject].
 *
 * @param {{ largePayloads?: boolean }} queue
 * @returns {import('./permissions.js').Permission[]}
 */
export function payloadPermissions({ largePayloads }) {
  if (!largePayloads) return [];
  return [
    { Action: 's3:GetObject', Resource: objects() },
    { Action: 's3:ListBucket', Resource: arnOf(BUCKET) },
  ];
}

/** Every object of the bucket. */
export const objects = () => ({ 'Fn::Sub': `\${${BUCKET}.Arn}/*` });
