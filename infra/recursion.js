import { logicalId } from './names.js';
import { readService } from './service.js';

/**
 * Called by the framework for `${file(infra/recursion.js):template}`.
 *
 * @param {import('./service.js').Framework} framework
 */
export async function template(framework) {
  const { functions, permissions } = await readService(framework);
  return recursionTemplate(functions, permissions);
}

/**
 * `RecursiveLoop: Allow` for each function that may send to a queue that it consumes. Otherwise Lambda would take our
 * requeued messages for a loop, and drop a message after about 16 rounds [lambda/latest/dg/invocation-recursion.html].
 * That is only some minutes of a table's outage. The worker itself limits how long a message is requeued:
 * `MAX_REQUEUED_MS` in src/queues/requeued.ts.
 *
 * @param {Record<string, import('./roles.js').FunctionDeclaration>} functions
 * @param {Record<string, import('./permissions.js').Permission[]>} permissions by function
 */
export function recursionTemplate(functions, permissions) {
  const looping = Object.entries(functions).filter(([name, declaration]) =>
    sendsToItself(declaration, permissions[name] ?? []),
  );
  // The framework makes the function's resource, and has no property for this. So the resource is extended.
  const extensions = looping.map(([name]) => [
    `${logicalId(name)}LambdaFunction`,
    { Properties: { RecursiveLoop: 'Allow' } },
  ]);
  return { extensions: Object.fromEntries(extensions) };
}

/**
 * @param {import('./roles.js').FunctionDeclaration} declaration
 * @param {import('./permissions.js').Permission[]} permissions
 */
function sendsToItself({ events = [] }, permissions) {
  const consumed = new Set(events.flatMap(({ sqs }) => (sqs ? [JSON.stringify(sqs.arn)] : [])));
  const targets = permissions.filter(({ Action }) => [Action].flat().some(sends)).flatMap(({ Resource }) => Resource);
  return targets.some((target) => target === '*' || consumed.has(JSON.stringify(target)));
}

/** @param {string} action */
const sends = (action) => ['sqs:SendMessage', 'sqs:*', '*'].includes(action);
