/**
 * A declared name as the start of logical ids, in the framework's own form for its functions: `worker-periodic` becomes
 * `WorkerDashperiodic`, so that the function's log group is `WorkerDashperiodicLogGroup`.
 *
 * @param {string} name
 */
export function logicalId(name) {
  const id = name.replaceAll('-', 'Dash').replaceAll('_', 'Underscore');
  return `${id[0]?.toUpperCase()}${id.slice(1)}`;
}

/** @param {string} id logical id of a resource */
export const arnOf = (id) => ({ 'Fn::GetAtt': [id, 'Arn'] });
