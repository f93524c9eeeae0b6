import type { Json } from '../src/job.ts';
import { DEED_NAMES } from './jobs/saboteur.ts';
import { pick, type Random, wholeNumber } from './random.ts';

/** Where a message must be at the end. */
export type Expected =
  | {
      readonly ends: 'stored';
      readonly jobId: string;
      readonly result: Json;
      /** The request body that a webhook's receiver must have received. */
      readonly delivers?: string;
    }
  | { readonly ends: 'dead'; readonly errorClass: string };

/** A message before it has its place in the mix. */
export interface Draft {
  readonly body: string;
  readonly expected: Expected;
}

/** Makes one message. Each message has its own `number`, which its job id is made from. */
export type Drafting = (number: number, random: Random, receiverUrl: string) => Draft;

const idOf = (number: number): string => `demo-${String(number).padStart(6, '0')}`;
const stored = (body: object, jobId: string, result: Json): Draft => ({
  body: JSON.stringify(body),
  expected: { ends: 'stored', jobId, result },
});
const dead = (body: string | object, errorClass: string): Draft => ({
  body: typeof body === 'string' ? body : JSON.stringify(body),
  expected: { ends: 'dead', errorClass },
});

/** Whole numbers, fractions, negative ones and zero. Half of the messages do not name the default type. */
export const triple: Drafting = (number, random) => {
  const value = pick(random, [wholeNumber(random, 1_000), -1 - wholeNumber(random, 1e9), random() * 100, 0]);
  const type = random() < 0.5 ? {} : { type: 'triple' };
  return stored({ ...type, job_id: idOf(number), value }, idOf(number), value * 3);
};

const webhookTo =
  (paths: readonly string[]): Drafting =>
  (number, random, receiverUrl) => {
    const jobId = idOf(number);
    const payload = {
      order: number,
      amount: wholeNumber(random, 100_000) / 100,
      note: pick(random, ['paid', 'bezüglich', '発送']),
    };
    const body = { type: 'webhook', job_id: jobId, url: `${receiverUrl}${pick(random, paths)}`, payload };
    return {
      body: JSON.stringify(body),
      expected: { ends: 'stored', jobId, result: { status: 200 }, delivers: JSON.stringify(payload) },
    };
  };

export const webhook = webhookTo(['/ok']);
/** Fails once or twice in one of three ways, then passes. See `behaviourOf` in receiver.ts. */
export const flaky = webhookTo([
  '/flaky/503/1',
  '/flaky/503/2',
  '/flaky/429/1',
  '/flaky/429/2',
  '/flaky/reset/1',
  '/flaky/reset/2',
]);
/** A permanent error until the receiver is repaired. */
export const gone = webhookTo(['/gone/404', '/gone/400']);
/** A transient error on every try until the receiver is repaired. */
export const down = webhookTo(['/down']);

/** Not JSON, or JSON that is no object. */
export const malformed: Drafting = (number, random) =>
  dead(
    pick(random, [
      `{"job_id":"${idOf(number)}","val`,
      `job ${number}: please triple 42`,
      `{'job_id': '${idOf(number)}', 'value': 42}`,
      `[{"job_id":"${idOf(number)}","value":42}]`,
    ]),
    'InvalidJob',
  );

/** JSON objects that are no jobs. */
export const invalid: Drafting = (number, random, receiverUrl) => {
  const job_id = idOf(number);
  return dead(
    pick<string | object>(random, [
      { job_id },
      { value: number },
      { job_id, value: '42' },
      { job_id: number, value: 42 },
      { job_id, value: 42, valeu: 43 },
      { job_id, type: 'resize', value: 42 },
      { job_id, type: 'webhook', payload: {} },
      { job_id, type: 'webhook', url: receiverUrl.replace('http', 'ftp'), payload: {} },
      `{"job_id":"${job_id}","value":42,"__proto__":{"admin":true}}`,
    ]),
    'InvalidJob',
  );
};

/** Valid by its schema, but it can never be done. */
export const poison: readonly Drafting[] = [
  // Nearly 3,000 bytes in 1,500 characters, because DynamoDB's limit for a key counts bytes.
  (number) => dead({ job_id: idOf(number).padEnd(1_500, 'ü'), value: 42 }, 'InvalidJob'),
  (number) => dead({ job_id: idOf(number), value: 1e308 }, 'PermanentError'),
  (number) =>
    dead({ type: 'webhook', job_id: idOf(number), url: 'http://elsewhere.example/', payload: {} }, 'PermanentError'),
];

/** Each ends the process that runs it, in its own way. */
export const killers: readonly Drafting[] = DEED_NAMES.map(
  (deed) => (number) => dead({ type: 'saboteur', job_id: idOf(number), deed }, 'KilledItsProcess'),
);

/** The id of an earlier triple job, with another value. The one that comes second is dead-lettered. */
export function conflictWith({ expected, body }: Draft): Draft {
  if (expected.ends !== 'stored') throw new TypeError('Only a job that can be stored can be in conflict with another.');
  const value = Number(JSON.parse(body).value) + 1_000_000;
  return stored({ job_id: expected.jobId, value }, expected.jobId, value * 3);
}
