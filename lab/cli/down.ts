import type { Command } from 'commander';
import { LoadlineError } from '../../model/errors.ts';
import { listStackProcesses, lockStack, stackFolder, stopAll } from '../runtimes/local/stack-folder.ts';
import type { CommandContext } from './context.ts';
import { UP } from './up.ts';

/** `loadline down`: stops what `up` started; its database is kept. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('down')
    .description('stop what `up` started; its database is kept')
    .action(async () => {
      const folder = await stackFolder(context.root, UP);
      await using lock = await lockStack(folder);
      if (lock === undefined) {
        throw new LoadlineError(
          'stack-running',
          'Another command is at work on the stack; wait for it or interrupt it',
        );
      }
      const running = Object.values(listStackProcesses(folder)).some(processes => processes.length > 0);
      if (!running) return context.say('Nothing is running.');
      await stopAll(folder, context.signal);
      context.signal.throwIfAborted();
      context.say('Everything is stopped.');
    });
}
