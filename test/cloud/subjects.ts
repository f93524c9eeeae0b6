/** An implementation of AWS's interfaces that the suite runs against. */
export interface Subject {
  readonly version: string;
  readonly endpoint: string;
}

/** What `run.ts` has started, handed to Jest in the variable SLUICE_CLOUD. */
export interface Subjects {
  readonly ministack: Subject;
  readonly dynamodbLocal?: Subject;
  readonly elasticmq?: Subject;
  /** What could not be had, and why. */
  readonly missing: Readonly<Partial<Record<'dynamodbLocal' | 'elasticmq', string>>>;
}

/** @throws Error when Jest was not started by `run.ts` */
export function readSubjects(): Subjects {
  const { SLUICE_CLOUD } = process.env;
  if (!SLUICE_CLOUD)
    throw new Error('Nothing runs that could be tested against: start this suite with npm run test:cloud.');
  return JSON.parse(SLUICE_CLOUD) as Subjects;
}
