import { jobs } from '#jobs';
import { jobOfLetter } from '../../../../operator/dead-letters/reading/job-of-letter.ts';
import type { AnyJobType } from '../../../../src/job.ts';

const RUNS = { jobs, defaultType: 'triple' };

const webhook = (payload: string, id = '"a"') =>
  `{"type":"webhook","job_id":${id},"url":"https://example.com/","payload":${payload}}`;

test("a body of 50,000 levels is a problem of its letter, and nobody else's", () => {
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  for (const body of [deep, webhook(deep), `{"job_id":"a","value":1,"x":${deep}}`]) {
    expect(jobOfLetter(body, RUNS)).toEqual({ problem: expect.any(String) });
  }
});

test('a key that no table can hold is never asked for: it would fail the request of a hundred neighbours', () => {
  const problem = expect.stringMatching(/^the idempotency key(, "job_id",)? is /);
  expect(jobOfLetter(String.raw`{"job_id":"\ud800","value":1}`, RUNS)).toEqual({ problem });
  expect(jobOfLetter(`{"job_id":"${'é'.repeat(1_100)}","value":1}`, RUNS)).toEqual({ problem });
  const keyless = (key: AnyJobType['key']) => ({
    ...RUNS,
    jobs: new Map([['triple', { ...(jobs.get('triple') as AnyJobType), key }]]),
  });
  expect(
    jobOfLetter(
      '{"job_id":"a","value":1}',
      keyless(() => ''),
    ),
  ).toEqual({ problem });
  const failing = keyless(() => {
    throw new Error('a key of my own');
  });
  expect(jobOfLetter('{"job_id":"a","value":1}', failing)).toEqual({ problem: 'a key of my own' });
});

test('a problem quotes no more than a line of the body', () => {
  const long = 'x'.repeat(500_000);
  for (const body of [`{"type":"${long}"}`, `{"type":["${long}"]}`, long, `"${long}"`]) {
    expect(jobOfLetter(body, RUNS).problem?.length).toBeLessThan(500);
  }
});
