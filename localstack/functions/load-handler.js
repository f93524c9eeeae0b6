import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * A function's entry point, as Lambda calls it.
 * @typedef {(event: unknown, context: object, callback: () => never) => unknown} Handler
 */

/** @param {string} name @param {string} message */
function runtimeError(name, message) {
  return Object.assign(new Error(message), { name });
}

/** @param {string} file */
async function loadModule(file) {
  if (file.endsWith('.mjs')) return import(pathToFileURL(file).href);
  try {
    return createRequire(file)(file);
  } catch (error) {
    // `require` also takes ES modules, except those with a top-level await.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    return import(pathToFileURL(file).href);
  }
}

/**
 * Finds the handler `directory/module.export` below the bundle, looking for `.js`, `.mjs` and `.cjs` in Lambda's order.
 * Throws what the module's own code throws, or an error with one of Lambda's names: `Runtime.MalformedHandlerName`,
 * `Runtime.ImportModuleError`, `Runtime.UserCodeSyntaxError`, `Runtime.HandlerNotFound`.
 * @param {string} taskRoot directory of the unzipped bundle
 * @param {string} handler such as `src/functions/jobs.handler`
 * @returns {Promise<Handler>}
 */
export async function loadHandler(taskRoot, handler) {
  const name = path.basename(handler);
  const dot = name.indexOf('.');
  if (dot < 1 || dot === name.length - 1 || handler.includes('..')) {
    throw runtimeError('Runtime.MalformedHandlerName', `Bad handler '${handler}': expected 'path/to/module.export'`);
  }
  const stem = path.resolve(taskRoot, path.dirname(handler), name.slice(0, dot));
  const file = ['', '.js', '.mjs', '.cjs'].map((extension) => stem + extension).find(existsSync);
  if (!file) {
    throw runtimeError(
      'Runtime.ImportModuleError',
      `Error: Cannot find module '${path.basename(stem)}' in ${taskRoot}`,
    );
  }
  let found;
  try {
    found = await loadModule(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError('Runtime.UserCodeSyntaxError', String(error));
    const code = /** @type {NodeJS.ErrnoException | undefined} */ (error)?.code;
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw runtimeError('Runtime.ImportModuleError', String(error));
  }
  for (const key of name.slice(dot + 1).split('.')) found = found?.[key];
  if (found === undefined) throw runtimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  if (typeof found !== 'function') throw runtimeError('Runtime.HandlerNotFound', `${handler} is not a function`);
  return found;
}
