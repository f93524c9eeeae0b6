/**
 * What serverless.yml declares, as the files of this folder need it.
 *
 * @typedef {object} Service
 * @property {string} prefix      what physical names start with: `sluice-<stage>`
 * @property {string} service     `sluice`
 * @property {string} stage
 * @property {boolean} isProtected whether data outlives its stack: param `protected`
 * @property {string} alarmEmail  empty for none
 * @property {Record<string, import('./queues.js').QueueDeclaration>} queues
 * @property {Record<string, import('./tables.js').TableDeclaration>} tables
 * @property {Record<string, import('./roles.js').FunctionDeclaration>} functions
 * @property {Record<string, import('./roles.js').Permission[]>} permissions by function
 */

/**
 * What the framework hands to a function of `${file(infra/...):template}`.
 *
 * @typedef {object} Framework
 * @property {(path: string[]) => Promise<any>} resolveConfigurationProperty
 * @property {(name: string) => Promise<any>} resolveVariable
 */

/**
 * @param {Framework} framework
 * @returns {Promise<Service>}
 * @throws {Error} for a parameter `protected` that is neither true nor false
 */
export async function readService({ resolveConfigurationProperty: read, resolveVariable }) {
  const [service, stage, isProtected, ownEmail, stageEmail, custom, functions] = await Promise.all([
    read(['service']),
    resolveVariable('sls:stage'),
    resolveVariable('param:protected'),
    resolveVariable("env:ALARM_EMAIL, ''"),
    resolveVariable('param:alarmEmail'),
    read(['custom']),
    read(['functions']),
  ]);
  const { queues, tables, permissions } = custom;
  const prefix = `${service}-${stage}`;
  return {
    prefix,
    service,
    stage,
    isProtected: flag('protected', isProtected),
    alarmEmail: ownEmail || stageEmail,
    queues,
    tables,
    functions,
    permissions,
  };
}

/**
 * A parameter that is true or false; from the command line it comes as a text.
 *
 * @param {string} name
 * @param {unknown} value
 */
function flag(name, value) {
  const text = String(value);
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Error(`The parameter ${name} must be true or false, not "${text}"`);
}
