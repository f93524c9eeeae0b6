import { jobs as own } from '../../.generated/jobs.ts';
import type { AnyJobType } from '../../src/job.ts';
import saboteur from './saboteur.ts';

/** The service's own job types, and one that ends its process. They are packaged when `SLUICE_JOBS` names this file. */
export const jobs = new Map<string, AnyJobType>([...own, ['saboteur', saboteur]]);
