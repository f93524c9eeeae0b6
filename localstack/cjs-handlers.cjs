// Lambda's Node runtime finds a handler in a .js, .mjs or .cjs file. MiniStack asks require(), which does not look for
// the last. Preloaded into its functions (NODE_OPTIONS=--require), this makes it look.
/** @type {{ _extensions: Record<string, unknown> }} */
const { _extensions } = /** @type {any} */ (require('node:module'));

_extensions['.cjs'] ??= _extensions['.js'];
