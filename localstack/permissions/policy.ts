/** A statement of an IAM policy, as far as it is read here: conditions are taken to hold. */
export interface Statement {
  Effect?: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: string | string[];
}

/** One action on one resource: what a call needs, and what a policy grants; only there with wildcards. */
export interface Permission {
  /** `sqs:SendMessage` */
  action: string;
  /** An ARN, or `*`. */
  resource: string;
}

/** Every pair of action and resource that the allowing statements name. */
export function grantsOf(statements: readonly Statement[]): Permission[] {
  const allowing = statements.filter(({ Effect }) => Effect !== 'Deny');
  return allowing.flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource }))),
  );
}

/** Whether the statements allow a call: one of them does, and none denies it. */
export function allows(statements: readonly Statement[], call: Permission): boolean {
  const covering = statements.filter((statement) => covers(statement, call));
  return covering.length > 0 && covering.every(({ Effect }) => Effect !== 'Deny');
}

/** IAM's wildcards: `*` for any text, `?` for any one character. The case of an action does not matter. */
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
