import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FunctionConfiguration } from '../../../localstack/functions/configuration.ts';
import { LambdaFunction } from '../../../localstack/functions/lambda-function.ts';

export interface FunctionWorld extends AsyncDisposable {
  function: LambdaFunction;
  /** Everything that the function wrote. */
  lines: string[];
}

/** A function of its own whose bundle is one file; what is disposed leaves neither process nor file behind. */
export function functionWorld(
  source: string,
  options: Partial<FunctionConfiguration> & { file?: string } = {},
): FunctionWorld {
  const { file = 'index.mjs', ...configuration } = options;
  const codeDirectory = mkdtempSync(path.join(tmpdir(), 'sluice-function-'));
  writeFileSync(path.join(codeDirectory, file), source);
  const lines: string[] = [];
  const lambda = new LambdaFunction(
    {
      name: 'worker',
      arn: 'arn:aws:lambda:eu-central-1:000000000000:function:worker',
      handler: 'index.handler',
      codeDirectory,
      environment: {},
      memoryMegabytes: 128,
      timeoutSeconds: 20,
      ...configuration,
    },
    { log: (line) => lines.push(line) },
  );
  return {
    function: lambda,
    lines,
    async [Symbol.asyncDispose]() {
      await lambda.close();
      rmSync(codeDirectory, { recursive: true, force: true });
    },
  };
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until the condition holds; throws after ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 25_000; !(await condition()); ) {
    if (Date.now() > end) throw new Error(`Waited 25 s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
