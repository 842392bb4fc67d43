import { rm } from 'node:fs/promises';
import { lockStack, stackFolder, stackNames, stopAll } from './stack-folder.ts';

/** How the names of stacks begin that live no longer than the command that started them. */
export const TEMPORARY = 'compare-';

/** Stops every temporary stack of the checkout whose command has gone, however it ended: it would disturb what is measured. */
export async function removeLeftovers(root: string, say: (line: string) => void): Promise<void> {
  for (const name of await stackNames(root)) {
    if (!name.startsWith(TEMPORARY)) continue;
    const folder = await stackFolder(root, name);
    await using lock = await lockStack(folder);
    if (lock === undefined) continue;
    say(`stopping ${name}, whose command was killed`);
    await stopAll(folder, AbortSignal.abort());
    await rm(folder.path, { recursive: true, force: true });
  }
}
