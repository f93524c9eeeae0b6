import { DeclarationError } from './declaration-error.js';
import { readQueues } from './declarations.js';
import { readNames } from './names.js';
import { readPatterns } from './patterns.js';
import { permissionsOf } from './permissions.js';
import { readStore } from './store.js';
import { topicNames } from './topic-names.js';

/**
 * The content of serverless.yml, as the files of this folder need it.
 *
 * @typedef {object} Service
 * @property {string} prefix      start of physical names: `sluice-<stage>`
 * @property {string} service     `sluice`
 * @property {string} stage
 * @property {boolean} isProtected whether data outlives its stack: parameter `protected`
 * @property {string} alarmEmail  empty for none
 * @property {Record<string, import('./declarations.js').QueueDeclaration>} queues
 * @property {Record<string, import('./tables.js').TableDeclaration>} tables
 * @property {string[]} topics    short names
 * @property {Record<string, import('./roles.js').FunctionDeclaration>} functions
 * @property {Record<string, import('./permissions.js').Permission[]>} permissions by function
 * @property {import('./store.js').Store['name']} store
 * @property {boolean} isInVpc whether the functions are in a network of their own: `provider.vpc`
 */

/**
 * What the framework passes to a function of `${file(infra/...):template}`.
 *
 * @typedef {object} Framework
 * @property {(path: string[]) => Promise<any>} resolveConfigurationProperty
 * @property {(name: string) => Promise<any>} resolveVariable
 */

/**
 * @param {Framework} framework
 * @returns {Promise<Service>}
 * @throws {DeclarationError} for a wrong declaration, and for a parameter `protected` that is neither true nor false
 */
export async function readService(framework) {
  const { resolveConfigurationProperty: read, resolveVariable } = framework;
  // Read first, so that an error in a queue's declaration comes from here. The framework then reports it once.
  const functions = await read(['functions']);
  const [names, declared, queues, store, isProtected, ownEmail, stageEmail, custom, provider] = await Promise.all([
    readNames(framework),
    readPatterns(framework),
    readQueues(framework),
    readStore(framework),
    resolveVariable('param:protected'),
    resolveVariable("env:ALARM_EMAIL, ''"),
    resolveVariable('param:alarmEmail'),
    read(['custom']),
    read(['provider']),
  ]);
  return {
    ...names,
    isProtected: flag('protected', isProtected),
    alarmEmail: ownEmail || stageEmail,
    queues,
    tables: declared.tables,
    topics: topicNames(declared.topics),
    functions: merged(functions),
    permissions: permissionsOf(queues, custom.permissions ?? {}, store.name),
    store: store.name,
    isInVpc: provider?.vpc !== undefined,
  };
}

/**
 * `functions` is a list, as the framework allows: the functions of the queues, and those declared beside them. If a
 * function is in both, their keys are merged.
 *
 * @param {Record<string, object>[]} parts
 */
function merged(parts) {
  /** @type {Service['functions']} */
  const functions = {};
  for (const [name, declaration] of parts.flatMap((part) => Object.entries(part ?? {}))) {
    functions[name] = { ...functions[name], ...declaration };
  }
  return functions;
}

/**
 * A parameter that is true or false. From the command line it is a string.
 *
 * @param {string} name
 * @param {unknown} value
 */
function flag(name, value) {
  const text = String(value);
  if (text === 'true' || text === 'false') return text === 'true';
  throw new DeclarationError(`The parameter ${name} must be true or false, not "${text}"`);
}
