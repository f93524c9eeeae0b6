import fc from 'fast-check';
import { chainProblems } from '../../infra/chains.js';
import { consumer } from '../../infra/functions.js';
import { permissionsOf } from '../../infra/permissions.js';
import { recursionTemplate } from '../../infra/recursion.js';

const QUEUE = {
  ...{ timeout: 30, memory: 256, batchSize: 20, batchWindow: 2, maximumConcurrency: 3, workerConcurrency: 4 },
  ...{ maxReceiveCount: 5, resultTtlDays: 30, jobSeconds: 1, messageBytes: 1000, environment: {}, permissions: [] },
};

test('a step is told its next queue and may send to it, and the last step is like any other function', () => {
  const service = { prefix: 'sluice-x', stage: 'x', logLevel: 'WARN' };
  const variables = (queue: typeof QUEUE & { next?: string }) => consumer('first', queue, service).environment;
  const NEXT_QUEUE_URL = { Ref: 'SecondDashoneQueue' };
  expect(variables({ ...QUEUE, next: 'second-one' })).toEqual({ ...variables(QUEUE), NEXT_QUEUE_URL });
  expect(variables(QUEUE)).not.toHaveProperty('NEXT_QUEUE_URL');

  const { first = [], ...others } = permissionsOf({ first: { next: 'second-one' }, 'second-one': {} }, {});
  const alone = permissionsOf({ first: {}, 'second-one': {} }, {});
  const toNext = { Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': ['SecondDashoneQueue', 'Arn'] } };
  expect(first).toEqual([...(alone.first ?? []), toNext]);
  expect({ first: alone.first, ...others }).toEqual(alone);
});

test('a function that sends to the next queue is no more of a loop than one that does not', () => {
  const functions = { first: { events: [{ sqs: { arn: 'first' } }] } };
  const toNext = { Action: 'sqs:SendMessage', Resource: 'second' };
  expect(recursionTemplate(functions, { first: [toNext] })).toEqual({ extensions: {} });
});

test('a chain, and queues without one, have no problems', () => {
  expect(chainProblems({ a: { next: 'b' }, b: { next: 'c' }, c: {}, jobs: null })).toEqual([]);
  // Two first steps may share what follows.
  expect(chainProblems({ a: { next: 'c' }, b: { next: 'c' }, c: null })).toEqual([]);
});

test.each<[string, Record<string, unknown>, string[]]>([
  [
    'a next queue that is not declared',
    { a: { next: 'bee' }, b: {} },
    ['custom.queues.a.next is "bee", and there is no such queue. Queues are: a, b'],
  ],
  [
    'one that is no name',
    { a: { next: ['b'] }, b: {} },
    ['custom.queues.a.next is ["b"], and there is no such queue. Queues are: a, b'],
  ],
  [
    'a FIFO queue',
    { a: { next: 'b' }, b: { fifo: true } },
    [
      'custom.queues.a.next is b, a FIFO queue: what is handed over has no order that it could keep. Choose a standard queue',
    ],
  ],
  [
    'itself',
    { a: { next: 'a' } },
    ['custom.queues.a.next: the chain a -> a never ends. Take "next" out of its last queue'],
  ],
  [
    'a circle, told once, also where another queue leads into it',
    { z: { next: 'b' }, b: { next: 'c' }, c: { next: 'd' }, d: { next: 'b' } },
    ['custom.queues.b.next: the chain b -> c -> d -> b never ends. Take "next" out of its last queue'],
  ],
])('%s is refused, with what to do', (_what, queues, problems) => {
  expect(chainProblems(queues)).toEqual(problems);
});

test('whatever is declared, a chain that comes back to itself is refused, and no other', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const declared = fc.record(Object.fromEntries(names.map((name) => [name, fc.option(fc.constantFrom(...names))])));
  fc.assert(
    fc.property(declared, (nextOf) => {
      const queues = Object.fromEntries(names.map((name) => [name, { next: nextOf[name] }]));
      // After as many steps as there are queues, whoever still has a next is in a circle, or leads into one.
      const ends = names.every((name) => {
        let at: string | null | undefined = name;
        for (let step = 0; step <= names.length && at; step++) at = nextOf[at];
        return !at;
      });
      expect(chainProblems(queues).length === 0).toBe(ends);
    }),
  );
});
