import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { findEngine, isThere } from '../runtimes/compose/engine.ts';
import { removeLeftovers } from '../runtimes/compose/leftovers.ts';
import { BUILT_PAGE } from '../runtimes/local/page.ts';
import { lockStack, stackFolder, stackNames, stopAll } from '../runtimes/local/stack-folder.ts';
import type { CommandContext } from './context.ts';

/** `loadline clean`: stops every stack of this checkout that no command is using, and removes what they left. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('clean')
    .description('stop every stack of this checkout that no command is using, and remove their files')
    .option('--all', 'also what was installed or built for Loadline: the next command does it again')
    .action(async ({ all }: { all?: boolean }) => {
      let inUse = await cleanContainers(context);
      for (const name of await stackNames(context.root)) {
        context.signal.throwIfAborted();
        const folder = await stackFolder(context.root, name);
        await using lock = await lockStack(folder);
        if (lock === undefined) {
          inUse++;
          context.say(`${name} is in use by another command and stays`);
          continue;
        }
        await stopAll(folder, context.signal);
        await rm(folder.path, { recursive: true, force: true });
        context.say(`${name} is stopped and removed`);
      }
      // What a command in use runs on is not taken away from under it.
      if (!all || inUse > 0) return;
      for (const made of ['.loadline', BUILT_PAGE])
        await rm(join(context.root, made), { recursive: true, force: true });
    });
}

/** How many stacks of containers are in use; without an engine there can be none. */
async function cleanContainers({ say, signal }: CommandContext): Promise<number> {
  if (!isThere(await findEngine(signal))) return 0;
  return (await removeLeftovers(say)).length;
}
