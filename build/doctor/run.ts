import { parseArgs, styleText } from 'node:util';
import { readTemplate, type Template, TemplateError, templateFrom } from '../../localstack/template/template.ts';
import { examine } from './examine.ts';
import { type Paint, report } from './report.ts';
import { resolveTemplate } from './resolve-template.ts';

const USAGE = `npm run doctor -- [--stage local] [--param key=value]... [--json]
npm run doctor -- --template FILE [--json]

Examines what would be deployed for what brings SQS workers down. The rules: docs/doctor.md
  --stage     any name; default local
  --param     overrides a parameter of serverless.yml; may be repeated
  --template  examines a packaged CloudFormation template instead; - reads it from standard input
  --json      for programs: healthy, checked, findings, notChecked

Ends with 0 where there are no errors, with 1 where there are, with 2 where it could not examine anything.`;

const WIDEST = 100;

class UsageError extends Error {}

const OPTIONS = {
  stage: { type: 'string' },
  param: { type: 'string', multiple: true },
  template: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function readOptions() {
  const { values } = parsed();
  if (values.template !== undefined && (values.stage ?? values.param) !== undefined) {
    throw new UsageError('A template is of one stage already: give either --template, or --stage and --param.');
  }
  return values;
}

function parsed() {
  try {
    return parseArgs({ options: OPTIONS });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

type Options = ReturnType<typeof readOptions>;

async function templateOf({ template, stage = 'local', param = [] }: Options): Promise<Template> {
  if (template === undefined) return resolveTemplate(stage, param);
  if (template !== '-') return readTemplate(template);
  return templateFrom((await process.stdin.toArray()).join(''), 'standard input');
}

/** No colour where the output is no terminal, or where NO_COLOR is set. */
const paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout });

async function main(options: Options) {
  if (options.help) return console.log(USAGE);
  const diagnosis = examine(await templateOf(options));
  const width = Math.min(process.stdout.columns ?? 80, WIDEST);
  console.log(options.json ? JSON.stringify(diagnosis, undefined, 2) : report(diagnosis, paint, width));
  process.exitCode = diagnosis.healthy ? 0 : 1;
}

try {
  await main(readOptions());
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? `${error.message}\n\n${USAGE}` : error instanceof TemplateError ? error.message : error);
  process.exitCode = 2;
}
