import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { tryLock } from '../lock.ts';
import { docker, ifRefused, linesOf } from './docker.ts';
import { ownContainerId } from './own-container.ts';
import { removeProject } from './removal.ts';

/** On everything of a stack: the folder of the stack, whose lock its command holds. */
export const STACK_LABEL = 'loadline.stack';
/** On everything of a stack: the machine or the container that its command runs in, where alone its lock is seen. */
export const HOST_LABEL = 'loadline.host';

/** On everything of a stack: the number of its command's process, for whoever wonders whose it is. */
export const PROCESS_LABEL = 'loadline.process';

/** Removes every stack of containers whose command has gone, however it ended; gives those that are in use. */
export async function removeLeftovers(say: (line: string) => void): Promise<string[]> {
  const inUse: string[] = [];
  for (const [project, { folder, host }] of await allStacks()) {
    const isHere = host === hostname() || host === ownContainerId();
    if (!isHere && !(await hasEnded(host))) continue;
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

/** Project, folder and host of each stack's image, whose list does not have them. */
async function imagesHere(): Promise<string> {
  const ids = linesOf(await docker(['image', 'ls', '--quiet', '--filter', `label=${STACK_LABEL}`]));
  if (ids.length === 0) return '';
  const format = ['com.docker.compose.project', STACK_LABEL, HOST_LABEL]
    .map(label => `{{index .Config.Labels "${label}"}}`)
    .join('\t');
  // One that another command removes in the meantime is told on stderr.
  return docker(['image', 'inspect', '--format', format, ...ids], { partial: true });
}

interface StackPlace {
  readonly folder: string;
  readonly host: string;
}

/** The projects of all stacks of the engine, each with where its command runs. */
async function allStacks(): Promise<Map<string, StackPlace>> {
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
  return new Map(rows.map(([project = '', folder = '', host = '']) => [project, { folder, host }]));
}

/** Whether `host` is a container of the engine, with which every command in it ended. */
async function hasEnded(host: string): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/.test(host)) return false;
  const inspect = ['inspect', '--type', 'container', '--format', '{{.State.Running}}', host];
  return (await docker(inspect).catch(ifRefused))?.trim() !== 'true';
}
