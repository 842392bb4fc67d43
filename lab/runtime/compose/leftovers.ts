import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { tryLock } from '../lock.ts';
import { docker, linesOf } from './docker.ts';
import { removeProject } from './removal.ts';

/** On everything of a stack: the folder of the stack, whose lock its command holds. */
export const STACK_LABEL = 'loadline.stack';
/** On everything of a stack: the machine that its command runs on, the only one that can see the lock. */
export const HOST_LABEL = 'loadline.host';

/** On everything of a stack: the number of its command's process, for whoever wonders whose it is. */
export const PROCESS_LABEL = 'loadline.process';

/** Removes every stack of containers whose command has gone, however it ended; gives those that are in use. */
export async function removeLeftovers(say: (line: string) => void): Promise<string[]> {
  const inUse: string[] = [];
  for (const [project, folder] of await stacksHere()) {
    await using lock = await tryLock(`stack ${folder}`);
    if (lock === undefined) {
      inUse.push(project);
      continue;
    }
    say(`removing the containers of ${project}, whose command was killed`);
    await removeProject(project, { settled: false });
    await rm(folder, { recursive: true, force: true });
  }
  return inUse;
}

/** The same of images, whose list does not have it. */
async function imagesHere(): Promise<string> {
  const ids = linesOf(await docker(['image', 'ls', '--quiet', '--filter', `label=${STACK_LABEL}`]));
  if (ids.length === 0) return '';
  const format = ['com.docker.compose.project', STACK_LABEL, HOST_LABEL]
    .map(label => `{{index .Config.Labels "${label}"}}`)
    .join('\t');
  // One that another command removes in the meantime is told on stderr.
  return docker(['image', 'inspect', '--format', format, ...ids], { partial: true });
}

/** The projects of this machine's stacks, each with its folder. */
async function stacksHere(): Promise<Map<string, string>> {
  const format = ['com.docker.compose.project', STACK_LABEL, HOST_LABEL]
    .map(label => `{{.Label "${label}"}}`)
    .join('\t');
  const answers = await Promise.all(
    [
      ['ps', '--all'],
      ['network', 'ls'],
      ['volume', 'ls'],
    ].map(list => docker([...list, '--filter', `label=${STACK_LABEL}`, '--format', format])),
  );
  const rows = [...answers, await imagesHere()].flatMap(linesOf).map(line => line.split('\t'));
  return new Map(rows.flatMap(([project = '', folder = '', host]) => (host === hostname() ? [[project, folder]] : [])));
}
