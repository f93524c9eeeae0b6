import type { ValidateFunction } from 'ajv';
import { defineJob, type Json } from '../../src/job.ts';

export interface Saboteur {
  readonly type: 'saboteur';
  readonly job_id: string;
  readonly deed: keyof typeof DEEDS;
}

/** The ways in which a job can attack the process that runs it. */
const DEEDS = {
  exit: (): Json => process.exit(3),
  loop: (): Json => {
    for (;;);
  },
  heap: (): Json => {
    const kept: number[][] = [];
    for (;;) kept.push(new Array<number>(4_000_000).fill(kept.length + 0.5));
  },
  reject: (): Json => {
    void Promise.reject(new Error('nobody listens to this'));
    return 'answered before its process died';
  },
  // In a sandbox it kills the parent, which is the function's process. Elsewhere the parent is another program, so it
  // exits.
  parent: (): Json => (process.send ? killParent() : process.exit(5)),
} as const;

function killParent(): never {
  process.kill(process.ppid, 'SIGKILL');
  for (;;);
}

/** The ways in which a saboteur ends its own process. */
export const DEED_NAMES = ['exit', 'loop', 'heap', 'reject'] as const;

const isSaboteur = (job: unknown): job is Saboteur => {
  const { type, job_id, deed } = job as Partial<Saboteur>;
  return type === 'saboteur' && typeof job_id === 'string' && deed !== undefined && Object.hasOwn(DEEDS, deed);
};

/** A job type that ends its process, only for the demo and the tests: see `with-saboteur.ts`. */
export default defineJob<Saboteur>({
  schema: isSaboteur as ValidateFunction<Saboteur>,
  key: ({ job_id }) => job_id,
  handle: ({ deed }) => DEEDS[deed](),
});
