import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readTemplate, type Template, TemplateError } from '../../localstack/template/template.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/**
 * The template that a deployment to the stage would upload. The framework itself makes it, without bundling a function
 * and without credentials (see plugin.js). It takes about 3 s, nearly all of it the framework's start.
 * @param parameters `key=value`, as for the framework's `--param`
 * @throws {TemplateError} with the framework's own message
 */
export function resolveTemplate(stage: string, parameters: readonly string[]): Template {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-doctor-'));
  const file = path.join(directory, 'template.json');
  try {
    const bin = path.join(ROOT, 'node_modules/.bin');
    const options = ['examine', '--stage', stage, '--to', file, ...parameters.flatMap((each) => ['--param', each])];
    const { status, stdout, stderr, error } = spawnSync(path.join(bin, 'serverless'), options, {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` },
    });
    if (status === 0) return readTemplate(file);
    const reason = `${stdout ?? ''}${stderr ?? error?.message ?? ''}`.trim();
    throw new TemplateError(`serverless.yml cannot be resolved for stage ${stage}:\n${reason}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
