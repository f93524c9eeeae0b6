/** A statement of an IAM policy, as far as it is read here. Conditions count as true. */
export interface Statement {
  Effect?: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: string | string[];
}

/** One action on one resource. A call needs it and a policy grants it. Only in a policy may it have wildcards. */
export interface Permission {
  /** `sqs:SendMessage` */
  action: string;
  /** An ARN, or `*`. */
  resource: string;
}

/** Every pair of action and resource in the statements that allow. */
export function grantsOf(statements: readonly Statement[]): Permission[] {
  const allowing = statements.filter(({ Effect }) => Effect !== 'Deny');
  return allowing.flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource }))),
  );
}

/** Whether the statements allow a call: one allows it, and none denies it. */
export function allows(statements: readonly Statement[], call: Permission): boolean {
  const covering = statements.filter((statement) => covers(statement, call));
  return covering.length > 0 && covering.every(({ Effect }) => Effect !== 'Deny');
}

/** IAM's wildcards: `*` for any text, `?` for any one character. Actions are compared without regard to case. */
function covers({ Action, Resource }: Statement, { action, resource }: Permission): boolean {
  return (
    [Action].flat().some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    [Resource].flat().some((pattern) => matches(pattern, resource))
  );
}

function matches(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text);
}
