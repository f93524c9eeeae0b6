#!/usr/bin/env node
// Plain JavaScript of any Node.js version: the rest is TypeScript, which an older one cannot even parse.
if (process.features.typescript) {
  import('./main.ts').then(({ main }) => main());
} else {
  console.error(
    `sluice: Node.js ${process.versions.node} cannot run TypeScript. Run it as \`npx sluice\` in the project's folder: npx takes the Node.js that npm ci put there.`,
  );
  process.exitCode = 2;
}
