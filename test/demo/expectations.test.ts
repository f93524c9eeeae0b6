import { jobs } from '../../demo/jobs/with-saboteur.ts';
import { createMix } from '../../demo/mix.ts';
import { readMessage } from '../../src/queues/message.ts';

const mix = createMix({ jobs: 2_000, seed: 3, receiverUrl: 'http://127.0.0.1:1' });

function accepts(body: string): boolean {
  const message = readMessage({ body, attributes: {} } as never, 'triple');
  return !message.invalid && jobs.get(message.type)?.schema(message.job) === true;
}

describe('what the mix expects of each message', () => {
  test('garbage is what no schema accepts', () => {
    const garbage = mix.filter(({ kind }) => kind === 'malformed' || kind === 'invalid');
    expect(garbage.filter(({ body }) => accepts(body))).toEqual([]);
    expect(new Set(garbage.map(({ expected }) => expected.ends))).toEqual(new Set(['dead']));
  });

  test('everything else is accepted by its schema, poison included', () => {
    const jobsSent = mix.filter(({ kind }) => kind !== 'malformed' && kind !== 'invalid');
    expect(jobsSent.filter(({ body }) => !accepts(body))).toEqual([]);
  });

  test('a triple job ends with three times its value', () => {
    const triples = mix.filter(({ kind }) => kind === 'triple');
    for (const { body, expected } of triples) {
      const { job_id, value } = JSON.parse(body);
      expect(expected).toEqual({ ends: 'stored', jobId: job_id, result: value * 3 });
    }
  });

  test('a webhook ends delivered with its payload', () => {
    const webhooks = mix.filter(({ kind }) => ['webhook', 'flaky', 'gone', 'down'].includes(kind));
    for (const { body, expected } of webhooks) {
      const { job_id, payload } = JSON.parse(body);
      const delivers = JSON.stringify(payload);
      expect(expected).toEqual({ ends: 'stored', jobId: job_id, result: { status: 200 }, delivers });
    }
  });
});
