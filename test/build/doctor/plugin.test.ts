import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { type Diagnosis, examine } from '../../../build/doctor/examine.ts';

const FILES = ['serverless.yml', 'package.json', 'build', 'infra', 'localstack', 'schemas', 'src', '.generated'];
const SHIPPED = path.resolve('.sluice/test/cloudformation-template-update-stack.json');
const TEMPLATE = '.serverless/cloudformation-template-update-stack.json';
/** What is read of a function. */
interface Consumer {
  Environment?: { Variables: Record<string, unknown> };
}

jest.setTimeout(120_000);

/** A copy of the service: packaging works in a folder of its own, beside other tests that package too. */
let service: string;

beforeEach(() => {
  service = mkdtempSync(path.join(tmpdir(), 'sluice-plugin-'));
  for (const file of FILES) cpSync(file, path.join(service, file), { recursive: true });
  symlinkSync(path.resolve('node_modules'), path.join(service, 'node_modules'));
});

afterEach(() => rmSync(service, { recursive: true }));

/** Runs one of node_modules/.bin, with no AWS credentials to be had anywhere. */
function run(command: string, ...args: string[]): Promise<{ code: number; stdout: string; output: string }> {
  const { AWS_PROFILE: _, AWS_ACCESS_KEY_ID: __, AWS_SECRET_ACCESS_KEY: ___, ...env } = process.env;
  const bin = path.join(service, 'node_modules/.bin');
  const options = {
    cwd: service,
    env: {
      ...env,
      PATH: `${bin}${path.delimiter}${process.env.PATH}`,
      NODE_OPTIONS: '',
      HOME: path.join(service, 'home'),
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  };
  return new Promise((resolve) => {
    execFile(path.join(bin, command), args, options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, output: stdout + stderr }),
    );
  });
}

const doctor = (...args: string[]) => run('node', 'build/doctor/run.ts', ...args);
const parameters = (...values: string[]) => values.flatMap((value) => ['--param', value]);

test.each(['local', 'demo'])('what is shipped is healthy in the stage %s', async (stage) => {
  const { code, stdout } = await doctor('--stage', stage, '--json');
  const { healthy, checked, findings, notChecked }: Diagnosis = JSON.parse(stdout);
  expect({ code, healthy, findings, notChecked }).toEqual({ code: 0, healthy: true, findings: [], notChecked: [] });
  expect(checked.mappings).toBeGreaterThan(0);
});

test('what is shipped is healthy in a stage of any name, and packaging says so in one line', async () => {
  const { code, output } = await run('serverless', 'package', '--stage', 'alice');
  expect(code).toBe(0);
  expect(output.match(/^Doctor: .*/gm)).toEqual([expect.stringMatching(/: healthy$/)]);
  expect(existsSync(path.join(service, TEMPLATE))).toBe(true);
});

test('the doctor sees what would be packaged, though it bundles nothing and leaves nothing behind', async () => {
  const asShipped = parameters('timeout=2', 'batchWindow=1', 'batchSize=50', 'maximumConcurrency=2', 'retryDelay=3');
  const { code, stdout } = await doctor('--stage', 'test', '--json', ...asShipped, ...parameters('resultTtlDays=5'));
  expect(code).toBe(1);
  const packaged = JSON.parse(readFileSync(SHIPPED, 'utf8'));
  expect(examine(packaged).findings).toEqual([]);
  for (const { Type, Properties } of Object.values<{ Type: string; Properties: Consumer }>(packaged.Resources)) {
    if (Type === 'AWS::Lambda::Function' && Properties.Environment?.Variables.RESULT_TTL_DAYS) {
      Properties.Environment.Variables.RESULT_TTL_DAYS = '5';
    }
  }
  expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(examine(packaged))));
  expect(existsSync(path.join(service, '.serverless'))).toBe(false);
  expect(existsSync(path.join(service, '.esbuild'))).toBe(false);
});

test('a parameter that brings the service down refuses the package before its template is written', async () => {
  const bad = parameters('maxReceiveCount=2');
  const { code, output } = await run('serverless', 'package', '--stage', 'alice', ...bad);
  expect(code).toBe(1);
  expect(output).toContain('error receive-count-low: JobsQueue\n  maxReceiveCount is 2.\n  Remedy: Set it to 3 to 5.');
  expect(output).toContain('Refused; nothing was uploaded.');
  expect(output).not.toContain('    at ');
  expect(existsSync(path.join(service, TEMPLATE))).toBe(false);
});

test('deploying a package from elsewhere is refused before AWS is asked anything', async () => {
  const template = JSON.parse(readFileSync(SHIPPED, 'utf8'));
  template.Resources.JobsQueue.Properties.VisibilityTimeout = 1;
  mkdirSync(path.join(service, 'elsewhere'));
  writeFileSync(path.join(service, 'elsewhere', path.basename(SHIPPED)), JSON.stringify(template));
  const shipped = path.dirname(SHIPPED);
  for (const file of readdirSync(shipped).filter((name) => name.endsWith('.zip') || name === 'serverless-state.json')) {
    cpSync(path.join(shipped, file), path.join(service, 'elsewhere', file));
  }
  const { code, output } = await run('serverless', 'deploy', '--stage', 'test', '--package', 'elsewhere');
  expect(code).toBe(1);
  expect(output).toContain('error visibility-below-timeout: JobsQueue');
  expect(output).not.toMatch(/credentials/i);
});

test('what the framework cannot resolve ends the doctor with 2, in the framework’s words', async () => {
  const { code, output } = await doctor('--stage', 'alice', '--param', 'batchSize=many');
  expect(code).toBe(2);
  expect(output).toContain('serverless.yml cannot be resolved for stage alice');
  expect(output).toContain('batchSize');
});
