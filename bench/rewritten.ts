import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');

/**
 * One of our source files with some texts replaced.
 * @throws when the file no longer contains such a text; the build fails when it does not load the file
 */
export function rewritten(file: string, replacements: readonly (readonly [string, string])[]): Plugin {
  return {
    name: `rewritten-${file}`,
    setup(builder) {
      const contents = contentsOf(file, replacements);
      const filter = new RegExp(`${file.replaceAll('.', '\\.').replaceAll('/', '[\\\\/]')}$`);
      let isLoaded = false;
      builder.onLoad({ filter }, () => {
        isLoaded = true;
        return { contents, loader: 'ts', resolveDir: dirname(join(root, file)) };
      });
      builder.onEnd(() => (isLoaded ? {} : { errors: [{ text: `${file} is in no bundle: bench/ must follow` }] }));
    },
  };
}

function contentsOf(file: string, replacements: readonly (readonly [string, string])[]): string {
  let contents = readFileSync(join(root, file), 'utf8');
  for (const [text, other] of replacements) {
    if (!contents.includes(text)) throw new Error(`${file} no longer says "${text}": bench/ must follow`);
    contents = contents.replace(text, () => other);
  }
  return contents;
}
