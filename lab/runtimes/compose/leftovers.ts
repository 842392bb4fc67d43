import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Seconds } from '../../../model/quantities.ts';
import { tryLock } from '../lock.ts';
import { docker, EngineFailure, ifRefused, splitLines } from './docker.ts';
import { ownContainerId } from './engine.ts';
import { IMAGE } from './project.ts';

/** On everything of a stack: the folder of the stack, whose lock its command holds. */
export const STACK_LABEL = 'loadline.stack';
/** On everything of a stack: the machine or the container that its command runs in, where alone its lock is seen. */
export const HOST_LABEL = 'loadline.host';
/** On everything of a stack: the process id of its command. */
export const PROCESS_LABEL = 'loadline.process';

const PROJECT_LABEL = 'com.docker.compose.project';
const LIMIT: Seconds = 30;
/** Longer than the engine takes to make a container that it was asked for. */
const SETTLING: Seconds = 0.5;
const ATTEMPTS = 10;
/** In the order of their removal: a network or a volume can go when its containers have gone. */
const kinds = [
  { list: ['ps', '--all'], remove: ['rm', '--force', '--volumes'] },
  { list: ['network', 'ls'], remove: ['network', 'rm'] },
  { list: ['volume', 'ls'], remove: ['volume', 'rm', '--force'] },
] as const;

/** Removes every stack of containers whose command has ended; returns the projects that are in use. */
export async function removeLeftovers(say: (line: string) => void): Promise<string[]> {
  const inUse: string[] = [];
  for (const [project = '', folder = '', host = ''] of await listStacks()) {
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

/**
 * Removes every container, network and volume of a Compose project, with the images that were built for it. Containers
 * are killed: no client waits for an answer. `settled`: nothing that was asked of the engine may still come to be;
 * otherwise it is looked for twice.
 */
export async function removeProject(name: string, { settled = true } = {}): Promise<void> {
  let looksLeft = settled ? 1 : 2;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (await removeOnce(name)) continue;
    looksLeft -= 1;
    if (looksLeft === 0) return removeImages(name);
    await delay(SETTLING * 1000);
  }
  throw new EngineFailure(
    `did not remove everything of the project ${name} (docker ps --all --filter label=${PROJECT_LABEL}=${name})`,
  );
}

/** Whether there was anything. */
async function removeOnce(name: string): Promise<boolean> {
  let found = false;
  for (const { list, remove } of kinds) {
    const filter = `label=${PROJECT_LABEL}=${name}`;
    const ids = splitLines(await docker([...list, '--quiet', '--filter', filter], { limit: LIMIT }));
    if (ids.length === 0) continue;
    found = true;
    // One may have gone in the meantime, or be in use by what is being made: the next look tells.
    await docker([...remove, ...ids], { limit: LIMIT }).catch(ifRefused);
  }
  return found;
}

/** Where another container has its layers, an image loses only its name. */
async function removeImages(project: string): Promise<void> {
  const built = ['image', 'ls', '--filter', `reference=${IMAGE}*:${project}`, '--format', '{{.Repository}}:{{.Tag}}'];
  const images = splitLines(await docker(built, { limit: LIMIT }));
  if (images.length > 0) await docker(['image', 'rm', '--force', ...images], { limit: LIMIT });
}

/** Project, folder and host of each stack of the engine. */
async function listStacks(): Promise<string[][]> {
  const labels = [PROJECT_LABEL, STACK_LABEL, HOST_LABEL];
  const filter = ['--filter', `label=${STACK_LABEL}`];
  const format = labels.map(label => `{{.Label "${label}"}}`).join('\t');
  const answers = await Promise.all(kinds.map(({ list }) => docker([...list, ...filter, '--format', format])));
  const images = splitLines(await docker(['image', 'ls', '--quiet', ...filter]));
  if (images.length > 0) {
    // A list of images does not have their labels.
    const labelsOfImage = labels.map(label => `{{index .Config.Labels "${label}"}}`).join('\t');
    // Another command may remove one in the meantime.
    answers.push(await docker(['image', 'inspect', '--format', labelsOfImage, ...images], { partial: true }));
  }
  const rows = answers.flatMap(splitLines).map(line => line.split('\t'));
  return [...new Map(rows.map(row => [row[0], row])).values()];
}

/** Whether `host` is a container of the engine, with which every command in it ended. */
async function hasEnded(host: string): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/.test(host)) return false;
  const inspect = ['inspect', '--type', 'container', '--format', '{{.State.Running}}', host];
  return (await docker(inspect).catch(ifRefused))?.trim() !== 'true';
}
