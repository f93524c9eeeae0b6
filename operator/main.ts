import { EXIT } from './ending/exit.ts';
import { Interruption } from './ending/interruption.ts';
import { Printer } from './output/printer.ts';
import { createProgram, isUsageAnswer } from './program.ts';
import { endingFor } from './stage/remedies.ts';

/** Carries out the command line of this process; sets its exit code. */
export async function main(): Promise<void> {
  const interruption = new Interruption();
  const err = new Printer(process.stderr);
  const { program, target } = createProgram({
    out: new Printer(process.stdout),
    err,
    input: process.stdin,
    interruption,
    exit: (code) => {
      process.exitCode = code;
    },
  });
  try {
    await program.parseAsync();
  } catch (error) {
    if (interruption.signal.aborted) return interruption.ended();
    if (isUsageAnswer(error)) {
      process.exitCode = error.exitCode === 0 ? EXIT.fine : EXIT.usage;
      return;
    }
    const { message, code } = endingFor(error, target());
    err.write(`error: ${message}\n`);
    process.exitCode = code;
  }
}
