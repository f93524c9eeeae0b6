import type { Answer } from './request.ts';

/** Waits that are not over yet: names of what has still to be created, or to poll. */
export type Pending = () => string[];

const SERVICES = ['sqs', 'sns', 's3', 'sts', 'dynamodb', 'lambda', 'events', 'cloudformation'];

/** LocalStack's health answer; 503 with `pending` until everything is created and every mapping polls. */
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
