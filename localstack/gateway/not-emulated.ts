import { randomUUID } from 'node:crypto';
import type { Answer, ServiceRequest } from './request.ts';
import { signedFor } from './routing.ts';
import { element } from './xml.ts';

export const EMULATED = 'SQS, SNS, S3, STS, DynamoDB, Lambda, and CloudFormation for reading';

/** A clear answer for a service that is not here. It is a 501, as LocalStack gives, which the SDKs do not retry. */
export function notEmulated(request: ServiceRequest, action?: string): Answer {
  const target = request.headers['x-amz-target'];
  const service = signedFor(request.headers.authorization) ?? String(target ?? 'unknown').split(/[._]/)[0];
  const operation = action ?? (target ? String(target).split('.').at(-1) : `${request.method} ${request.path}`);
  const message = `The embedded cloud does not emulate ${service} (${operation}). It emulates ${EMULATED}.`;
  const isXml = !target && !request.headers['content-type']?.includes('json');
  if (!isXml) {
    const body = JSON.stringify({ __type: 'NotImplemented', message });
    return {
      status: 501,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': 'NotImplemented' },
      body,
    };
  }
  const error = element('Error', { Type: 'Sender', Code: 'NotImplemented', Message: message });
  const body = `<?xml version="1.0"?><ErrorResponse>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
  return { status: 501, headers: { 'content-type': 'text/xml' }, body };
}
