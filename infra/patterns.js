import { DeclarationError } from './declaration-error.js';

/**
 * What serverless.yml declares: its own `custom.queues`, `custom.tables` and `custom.topics`, and those of the files that
 * `custom.patterns` includes.
 *
 * @typedef {object} Declared
 * @property {Record<string, unknown>} queues
 * @property {Record<string, import('./tables.js').TableDeclaration>} tables
 * @property {Record<string, unknown>} topics
 */

const KINDS = /** @type {const} */ (['queues', 'tables', 'topics']);

/**
 * @param {import('./service.js').Framework} framework
 * @returns {Promise<Declared>}
 * @throws {DeclarationError} for a pattern that is no mapping of these, and for a name that is declared twice
 */
export async function readPatterns({ resolveConfigurationProperty: read }) {
  const [patterns, ...own] = await Promise.all([
    read(['custom', 'patterns']),
    ...KINDS.map((kind) => read(['custom', kind])),
  ]);
  const ownPart = Object.fromEntries(KINDS.map((kind, index) => [kind, own[index]]));
  return mergePatterns(ownPart, patterns ?? []);
}

/**
 * @param {Record<string, any>} own
 * @param {unknown} patterns
 * @returns {Declared}
 */
export function mergePatterns(own, patterns) {
  if (!Array.isArray(patterns)) {
    throw new DeclarationError('custom.patterns must be a list, of one file of infra/patterns each');
  }
  /** @type {Record<string, Record<string, any>>} */
  const merged = Object.fromEntries(KINDS.map((kind) => [kind, { ...own[kind] }]));
  for (const [index, pattern] of patterns.entries()) {
    for (const [kind, entries] of Object.entries(pattern ?? {})) {
      const target = merged[kind];
      if (!target) {
        throw new DeclarationError(
          `custom.patterns[${index}].${kind}: a pattern has ${KINDS.join(', ')}, and nothing else`,
        );
      }
      for (const [name, entry] of Object.entries(entries ?? {})) {
        if (Object.hasOwn(target, name)) {
          throw new DeclarationError(
            `custom.patterns[${index}].${kind}.${name}: this name is declared twice. Rename one`,
          );
        }
        target[name] = entry;
      }
    }
  }
  return /** @type {any} */ (merged);
}
