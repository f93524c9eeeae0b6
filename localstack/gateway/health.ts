import type { Answer } from './request.ts';

/** The names of the things that still have to be created, or to start polling. */
export type Pending = () => string[];

const SERVICES = ['sqs', 'sns', 's3', 'sts', 'dynamodb', 'lambda', 'events', 'cloudformation'];

/** LocalStack's health answer. It is a 503 with `pending` until everything is created and every mapping polls. */
export function health(pending: string[]): Answer {
  const ready = pending.length === 0;
  const services = Object.fromEntries(SERVICES.map((name) => [name, ready ? 'running' : 'starting']));
  const body = { services, edition: 'sluice', version: '0.1.0', ...(!ready && { pending }) };
  return {
    status: ready ? 200 : 503,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}
