// Lambda's Node runtime finds a handler in a .js, .mjs or .cjs file. MiniStack calls require(), which does not look for
// .cjs files. Preloaded into MiniStack's functions (NODE_OPTIONS=--require), this makes require() look for them.
/** @type {{ _extensions: Record<string, unknown> }} */
const { _extensions } = /** @type {any} */ (require('node:module'));

_extensions['.cjs'] ??= _extensions['.js'];
