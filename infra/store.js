import { DeclarationError } from './declaration-error.js';

/** By the parameter `store`: the variable that tells the functions where it is, and the parameter behind it. */
const SERVERS = /** @type {const} */ ({
  redis: { variable: 'REDIS_URL', parameter: 'redisUrl' },
  postgres: { variable: 'DATABASE_URL', parameter: 'databaseUrl' },
});

/**
 * Where a stage's records are: docs/stores.md.
 *
 * @typedef {object} Store
 * @property {'dynamodb' | keyof typeof SERVERS} name
 * @property {Record<string, unknown>} variables what the functions are told of it besides the table
 */

/**
 * @param {import('./service.js').Framework} framework
 * @returns {Promise<Store>}
 * @throws {DeclarationError} for a store that there is not, and for a server without its URL
 */
export async function readStore({ resolveVariable }) {
  const name = String(await resolveVariable('param:store'));
  if (name === 'dynamodb') return { name, variables: {} };
  if (name !== 'redis' && name !== 'postgres') {
    throw new DeclarationError(`The parameter store must be dynamodb, redis or postgres, not "${name}"`);
  }
  const { variable, parameter } = SERVERS[name];
  const url = await resolveVariable(`env:${variable}, param:${parameter}`);
  if (url) return { name, variables: { [variable]: url } };
  throw new DeclarationError(
    `The parameter store is ${name}: set the parameter ${parameter}, or the variable ${variable}, to the server's URL, as docs/stores.md shows`,
  );
}
