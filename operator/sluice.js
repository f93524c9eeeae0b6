#!/usr/bin/env node
// Plain JavaScript of any Node.js version: the rest is TypeScript, which an older one cannot even parse.
if (process.features.typescript) {
  import('./main.ts').then(({ main }) => main(), generateFirst);
} else {
  console.error(
    `error: Node.js ${process.versions.node} cannot run TypeScript. Run it as \`npx sluice\` in the project's folder: npx takes the Node.js that npm ci put there.`,
  );
  process.exitCode = 2;
}

/** @param {NodeJS.ErrnoException} error */
function generateFirst(error) {
  const isOurs =
    error.code === 'ERR_MODULE_NOT_FOUND' && /\.generated|node_modules|Cannot find package/.test(error.message);
  if (!isOurs) throw error;
  console.error(`error: the project is not installed: run \`npm ci\` in its folder (${error.message})`);
  process.exitCode = 2;
}
