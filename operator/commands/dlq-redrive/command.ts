import type { Command } from 'commander';
import type { CommandContext } from '../../command.ts';
import { addRedriveOptions, checkFlags, type RedriveFlags } from './options.ts';

const MORE = `
It reads the dead-letter queues, prints what would happen to which letters, and
asks. What goes back keeps its body and attributes; it is deleted here only once
it is sent, so it can be killed at any moment and run again. What the ledger
holds a result of is dropped, not run again. A letter that came in after the
plan stays.

A look adds one to each letter's receive count and hides it until the command
ends; that matters to nobody on a queue without a redrive policy of its own.
Should the command be killed, letters come back after --visibility seconds.

Examples:
  $ npx sluice dlq redrive --dry-run
  $ npx sluice dlq redrive --type webhook --limit 10 --verify
  $ npx sluice dlq redrive --fingerprint 3f2a --older-than 1h --rate 50 --yes
  $ npx sluice dlq redrive --where 'customer.tier=gold' --to jobs-slow --yes

Exit codes: 0 all well, 1 letters were refused, died again, or are not done
in time, 2 the command line is wrong.`;

export function register(parent: Command, context: (command: Command) => CommandContext): void {
  const command = parent.command('redrive').description('send dead letters back: plan, show, apply, verify');
  addRedriveOptions(command)
    .addHelpText('after', MORE)
    .action(async (flags: RedriveFlags) => {
      checkFlags(flags);
      const argv = process.argv.slice(2);
      if (flags.native) {
        const { redriveNatively } = await import('./native.ts');
        return redriveNatively(context(command), flags, argv);
      }
      const { redrive } = await import('./redrive.ts');
      return redrive(context(command), flags, argv);
    });
}
