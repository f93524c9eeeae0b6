import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const SOURCES = path.resolve(import.meta.dirname, '../../../operator');

/** Each draws or asks by itself, with text of ours only; an export is JSON with escapes. */
const DRAW_THEMSELVES = ['commands/dlq-export/command.ts', 'ending/interruption.ts', 'output/printer.ts'];

test('no command writes past the printer, which makes foreign text harmless', () => {
  const files = globSync('**/*.ts', { cwd: SOURCES }).filter((file) => !DRAW_THEMSELVES.includes(file));
  const past = files.filter((file) =>
    /stream\.write\(|console\.|process\.std(out|err)\.write|writeSync\(/.test(
      readFileSync(path.join(SOURCES, file), 'utf8'),
    ),
  );
  expect(files.length).toBeGreaterThan(50);
  expect(past).toEqual([]);
});
