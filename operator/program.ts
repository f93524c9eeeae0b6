import { Command, CommanderError, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import type { CommandContext } from './command.ts';
import * as dlqDecide from './commands/dlq-decide/command.ts';
import * as dlqExport from './commands/dlq-export/command.ts';
import * as dlqImport from './commands/dlq-import/command.ts';
import * as dlqList from './commands/dlq-list/command.ts';
import * as dlqPurge from './commands/dlq-purge/command.ts';
import * as dlqRedrive from './commands/dlq-redrive/command.ts';
import * as dlqShow from './commands/dlq-show/command.ts';
import * as job from './commands/job/command.ts';
import * as queues from './commands/queues/command.ts';
import * as send from './commands/send/command.ts';
import type { ExitCode } from './ending/exit.ts';
import type { Interruption } from './ending/interruption.ts';
import type { Target } from './stage/stage.ts';

/** The parts of the process that a program uses. */
export interface ProgramOptions extends Pick<CommandContext, 'out' | 'err' | 'input'> {
  readonly interruption: Interruption;
  readonly exit: (code: ExitCode) => void;
}

interface GlobalOptions extends Target {
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  $ npx sluice queues --watch
  $ npx sluice send triple --count 100
  $ npx sluice job some-job-id
  $ npx sluice dlq list --stage prod --region eu-west-1
  $ npx sluice dlq redrive --dry-run

It talks to AWS with the usual environment and profiles. For the embedded cloud
run \`npm start\`, and export the variables that it prints. Exit codes: 0 fine,
1 something is wrong with the data, 2 the command line or the environment is.`;

const DLQ_EXAMPLES = `
Examples:
  $ npx sluice dlq list
  $ npx sluice dlq show 6f0f7a1c-...
  $ npx sluice dlq redrive --dry-run`;

/**
 * The command line. Its actions reject with what a command threw, and with a CommanderError where commander has already
 * answered; nothing here ends the process.
 *
 * @returns the program, and what the last command was pointed at
 */
export function createProgram(options: ProgramOptions): { program: Command; target: () => Target } {
  let target: Target = { stage: 'local' };
  const context = (command: Command): CommandContext => {
    const globals = command.optsWithGlobals<GlobalOptions>();
    target = globals;
    return contextFor(globals, options);
  };
  const program = new Command('sluice')
    .description('Operate a stage of Sluice: send jobs, look at queues and jobs, list and redrive dead letters.')
    .version(packageJson.version)
    .addOption(new Option('--stage <name>', 'the deployed stage').env('SLUICE_STAGE').default('local'))
    .option('--region <region>', 'AWS region; else AWS_REGION, else the profile, else us-east-1')
    .option('--profile <name>', 'AWS profile; else AWS_PROFILE')
    .option('--json', 'print JSON on standard output, and nothing else there')
    .exitOverride()
    .showHelpAfterError('--help shows what there is')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => options.out.write(text), writeErr: (text) => options.err.write(text) })
    .addHelpText('after', EXAMPLES);
  for (const { register } of [send, job, queues]) register(program, context);
  const dlq = program
    .command('dlq')
    .description('dead letters: list, show, export, import, redrive, decide, purge')
    .addHelpText('after', DLQ_EXAMPLES);
  for (const { register } of [dlqList, dlqShow, dlqExport, dlqImport, dlqRedrive, dlqDecide, dlqPurge])
    register(dlq, context);
  return { program, target: () => target };
}

/** Whether commander has answered already: with help, the version, or what is wrong with the command line. */
export function isUsageAnswer(error: unknown): error is CommanderError {
  return error instanceof CommanderError;
}

function contextFor(globals: GlobalOptions, { out, err, input, interruption, exit }: ProgramOptions): CommandContext {
  let stage: ReturnType<CommandContext['stage']> | undefined;
  return {
    stage() {
      stage ??= import('./stage/connect.ts').then(({ connect }) => connect(globals));
      return stage;
    },
    json: globals.json ?? false,
    out,
    err,
    input,
    signal: interruption.signal,
    onInterrupt: (release) => interruption.onInterrupt(release),
    exit,
  };
}
