import type { Template } from '../../localstack/template/template.ts';
import type { Model } from './model.ts';
import { readModel } from './read-model.ts';
import type { Complaint, Level, Rule } from './rule.ts';
import { rules } from './rules.ts';

/** A broken rule, and the resource that breaks it. */
export interface Finding extends Complaint {
  readonly rule: string;
  readonly level: Level;
  readonly explain: string;
}

/** A mapping that some rules could not check, and why. */
export interface Gap {
  readonly resource: string;
  readonly because: string;
}

/** The doctor's result for a template. It is also the shape of `--json`. */
export interface Diagnosis {
  /** There are no errors, so it may be deployed. Warnings do not count. */
  readonly healthy: boolean;
  readonly checked: {
    readonly rules: number;
    readonly queues: number;
    readonly functions: number;
    readonly mappings: number;
  };
  /** Errors first. */
  readonly findings: readonly Finding[];
  readonly notChecked: readonly Gap[];
}

/** Examines a packaged template by every rule. */
export function examine(template: Template): Diagnosis {
  const model = readModel(template);
  const findings = rules.flatMap((rule) => findingsOf(rule, model)).sort(errorsFirst);
  return {
    healthy: findings.every(({ level }) => level !== 'error'),
    checked: {
      rules: rules.length,
      queues: model.queues.size,
      functions: model.functions.size,
      mappings: model.mappings.length,
    },
    findings,
    notChecked: gapsOf(model),
  };
}

/** Two mappings of one queue may lead to the same complaint. It is reported once. */
function findingsOf({ id, level, explain, check }: Rule, model: Model): Finding[] {
  const found = new Map<string, Finding>();
  for (const complaint of check(model)) {
    found.set(`${complaint.resource} ${complaint.problem}`, { rule: id, level, ...complaint, explain });
  }
  return [...found.values()];
}

const errorsFirst = (a: Finding, b: Finding): number => Number(a.level !== 'error') - Number(b.level !== 'error');

function gapsOf({ mappings, queues, functions, consumers }: Model): Gap[] {
  const gaps: Gap[] = [];
  for (const { id, queue, function: worker } of mappings) {
    if (!queues.has(queue)) gaps.push({ resource: id, because: `its queue ${queue} is not in this template` });
    if (!functions.has(worker)) gaps.push({ resource: id, because: `its function ${worker} is not in this template` });
  }
  for (const { mapping, queue, worker } of consumers) {
    const missing = [
      Number.isNaN(queue.expected.jobSeconds) && `${queue.id} declares no jobSeconds`,
      Number.isNaN(queue.expected.messageBytes) && `${queue.id} declares no messageBytes`,
      Number.isNaN(worker.workerConcurrency) && `${worker.id} has no WORKER_CONCURRENCY`,
    ].filter((each) => each !== false);
    if (missing.length > 0) gaps.push({ resource: mapping.id, because: missing.join(', ') });
  }
  return gaps;
}
