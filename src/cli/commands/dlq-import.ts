import type { Command } from 'commander';
import type { CommandContext } from '../command.ts';

export function register(parent: Command, _context: (command: Command) => CommandContext): void {
  parent.command('import').description('(not there yet)');
}
