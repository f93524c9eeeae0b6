import { randomUUID } from 'node:crypto';
import type { Answer, ServiceRequest } from '../gateway/request.ts';
import { element } from '../gateway/xml.ts';
import type { Permission } from './policy.ts';

/** A request to S3, and what it needs. */
export interface ObjectCall extends Permission {
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
}

const ON_OBJECTS: Record<string, string> = {
  GET: 's3:GetObject',
  HEAD: 's3:GetObject',
  PUT: 's3:PutObject',
  POST: 's3:PutObject',
  DELETE: 's3:DeleteObject',
};

/**
 * The permission that a request to S3 needs, by AWS's Service Authorization Reference; undefined where we do not know it. The
 * bucket's name is the first part of the path.
 */
export function objectCallOf({ method, path, query }: Pick<ServiceRequest, 'method' | 'path' | 'query'>) {
  const [bucket = '', ...rest] = path.split('/').slice(1);
  const key = decodeURIComponent(rest.join('/'));
  const on = (action: string | undefined, suffix: string): ObjectCall | undefined =>
    action && bucket ? { action, resource: `arn:aws:s3:::${bucket}${suffix}`, bucket, key } : undefined;
  if (key) return on(ON_OBJECTS[method], `/${key}`);
  if (method === 'POST' && query.has('delete')) return on('s3:DeleteObject', '/*');
  return method === 'GET' || method === 'HEAD' ? on('s3:ListBucket', '') : undefined;
}

/** Every object of the call's bucket. Roles name objects in this way, because nobody knows their keys before. */
export const everyObject = ({ action, bucket }: ObjectCall): Permission => ({
  action,
  resource: `arn:aws:s3:::${bucket}/*`,
});

/** Who may not list a bucket does not learn which objects it lacks [S3, GetObject]. */
export const listing = ({ bucket }: ObjectCall): Permission => ({
  action: 's3:ListBucket',
  resource: `arn:aws:s3:::${bucket}`,
});

/** A denial in S3's words. */
export function objectDenied(caller: string, { action, resource }: Permission): Answer {
  const Message =
    `Function ${caller} is not authorized to perform: ${action} on resource: "${resource}"` +
    ` because no identity-based policy allows the ${action} action`;
  const error = element('Error', { Code: 'AccessDenied', Message, RequestId: randomUUID() });
  return { status: 403, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0"?>${error}` };
}
