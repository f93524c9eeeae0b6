import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { LambdaFunction } from '../functions/lambda-function.ts';
import type { FunctionRecord, LambdaRegistry } from '../lambda/registry.ts';
import { accessKeyOf, type Permissions } from '../permissions/permissions.ts';
import { type Creator, type Declaration, generatedName, noteIgnored } from '../template/creation.ts';
import { TemplateError } from '../template/template.ts';

export interface FunctionSettings {
  /** The folder of the packaged template and of the zip files. */
  packageDirectory: string;
  /** Where bundles are unzipped. The cloud removes it at the end. */
  codeDirectory: string;
  endpoint: string;
  region: string;
  accountId: string;
  stackName: string;
  permissions: Permissions;
  /** Variables by function name, added to the template's variables. */
  overrides: Record<string, Record<string, string>>;
  log: (line: string, functionName: string) => void;
}

const KNOWN = [
  'Code',
  'Handler',
  'Runtime',
  'FunctionName',
  'MemorySize',
  'Timeout',
  'Architectures',
  'Environment',
  'Role',
  'Description',
  'ReservedConcurrentExecutions',
  'RecursiveLoop',
  'Tags',
];

/** AWS::Lambda::Function, made from its packaged bundle. */
export function functionCreator(registry: LambdaRegistry, settings: FunctionSettings): Creator {
  return (declaration, note) => {
    const { id, properties } = declaration;
    const name = properties.FunctionName ?? generatedName(settings.stackName, id);
    if (!String(properties.Runtime ?? '').startsWith('nodejs')) {
      throw new TemplateError(`${id}: runtime ${properties.Runtime} is not emulated, only nodejs.`);
    }
    const zip = readBundle(declaration, settings);
    const codeDirectory = unzip(zip, path.join(settings.codeDirectory, name));
    const arn = `arn:aws:lambda:${settings.region}:${settings.accountId}:function:${name}`;
    const variables = texts(properties.Environment?.Variables ?? {});
    const memoryMegabytes = Number(properties.MemorySize ?? 128);
    const environment = {
      ...variables,
      ...cloudVariables(settings, name, memoryMegabytes),
      ...settings.overrides[name],
    };
    const lambda = new LambdaFunction(
      {
        name,
        arn,
        handler: String(properties.Handler),
        codeDirectory,
        environment,
        memoryMegabytes,
        timeoutSeconds: Number(properties.Timeout ?? 3),
        ...(properties.ReservedConcurrentExecutions !== undefined && {
          reservedConcurrency: Number(properties.ReservedConcurrentExecutions),
        }),
        recursiveLoop: properties.RecursiveLoop === 'Allow' ? 'Allow' : 'Terminate',
      },
      { log: settings.log },
    );
    settings.permissions.assign(name, String(properties.Role ?? ''));
    registry.functions.set(name, recordOf(lambda, declaration, zip, variables));
    noteIgnored(properties, KNOWN, note);
    return { ref: name, attributes: { Arn: arn } };
  };
}

function recordOf(
  lambda: LambdaFunction,
  { properties }: Declaration,
  zip: Buffer,
  variables: Record<string, string>,
): FunctionRecord {
  return {
    lambda,
    runtime: String(properties.Runtime),
    role: String(properties.Role ?? ''),
    description: String(properties.Description ?? ''),
    architectures: properties.Architectures ?? ['x86_64'],
    codeSha256: createHash('sha256').update(zip).digest('base64'),
    codeBytes: zip.length,
    variables,
    lastModified: new Date(),
  };
}

/** The variables that Lambda itself sets, and the endpoint, so that the function's clients call this cloud. */
const cloudVariables = ({ endpoint, region }: FunctionSettings, name: string, memoryMegabytes: number) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ACCESS_KEY_ID: accessKeyOf(name),
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
});

/** A deployment uploads the zip to S3. Here it is read from where the package command wrote it. */
function readBundle({ id, properties }: Declaration, { packageDirectory }: FunctionSettings): Buffer {
  const key = properties.Code?.S3Key;
  if (typeof key !== 'string') throw new TemplateError(`${id}: only code in a packaged zip (Code.S3Key) is emulated.`);
  const file = path.join(packageDirectory, path.posix.basename(key));
  if (existsSync(file)) return readFileSync(file);
  throw new TemplateError(`${id}: its bundle ${file} is missing. Make it: npx serverless package --stage local`);
}

function unzip(zip: Buffer, directory: string): string {
  for (const [name, content] of Object.entries(unzipSync(zip))) {
    const target = path.join(directory, name);
    if (!target.startsWith(directory + path.sep))
      throw new TemplateError(`The bundle holds a path outside itself: ${name}`);
    if (name.endsWith('/')) continue;
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  return directory;
}

const texts = (variables: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
