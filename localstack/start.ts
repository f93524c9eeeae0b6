import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Cloud, startCloud } from './cloud.ts';
import { PortError } from './gateway/gateway.ts';
import { summary } from './summary.ts';
import { TemplateError } from './template/template.ts';

const USAGE = `npm start -- [--stage local] [--port 4566] [--no-package]

Packages the service and brings it up on one LocalStack-compatible port.
  --stage       which stage to package; default local
  --port        default 4566, or SLUICE_PORT; 0 takes any free port
  --no-package  use the package that is there`;

const TEMPLATE = path.resolve('.serverless', 'cloudformation-template-update-stack.json');

function readOptions() {
  const { values } = parseArgs({
    options: {
      stage: { type: 'string', default: 'local' },
      port: { type: 'string', default: process.env.SLUICE_PORT ?? '4566' },
      package: { type: 'boolean', default: true },
      help: { type: 'boolean', short: 'h', default: false },
    },
    allowNegative: true,
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TypeError(`Port ${values.port} is not a number from 0 to 65535.`);
  }
  return { ...values, port };
}

/** Runs the framework's own package command, so that this cloud runs what would be deployed. */
function packageService(stage: string) {
  console.log(`Packaging the service for stage ${stage} ...`);
  const result = spawnSync('npx', ['serverless', 'package', '--stage', stage], { encoding: 'utf8' });
  if (result.status === 0) return;
  throw new TemplateError(
    `serverless package failed:\n${result.stdout ?? ''}${result.stderr ?? result.error?.message ?? ''}`,
  );
}

async function main() {
  const options = readOptions();
  if (options.help) return console.log(USAGE);
  if (options.package) packageService(options.stage);
  const onLog = (line: string, name: string) => console.log(`${name}: ${line}`);
  const cloud = await startCloud({ template: TEMPLATE, port: options.port, onLog });
  console.log(summary(cloud));
  stopOnSignal(cloud);
}

function stopOnSignal(cloud: Cloud) {
  let stopping = false;
  const stop = async () => {
    // A second Ctrl-C does not wait for batches in flight.
    if (stopping) process.exit(130);
    stopping = true;
    console.log('Stopping: batches in flight may finish for up to 5 seconds ...');
    await cloud.close();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

main().catch((error) => {
  const isExpected = error instanceof PortError || error instanceof TemplateError || error instanceof TypeError;
  console.error(isExpected ? error.message : error);
  process.exitCode = 1;
});
