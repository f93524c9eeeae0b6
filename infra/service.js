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
  // From the command line a parameter is a text.
  return {
    prefix,
    service,
    stage,
    isProtected: String(isProtected) === 'true',
    alarmEmail: ownEmail || stageEmail,
    queues,
    tables,
    functions,
    permissions,
  };
}
