import { setTimeout as delay } from 'node:timers/promises';
import type { Seconds } from '../../../model/quantities.ts';
import { DockerFailure, docker, engineFailed, linesOf } from './docker.ts';
import { IMAGE } from './project.ts';

export interface RemovalOptions {
  /** Whether all that was asked of the engine has come to be: otherwise one empty look is not the end. */
  readonly settled?: boolean;
}

const LIMIT: Seconds = 30;
/** Longer than the engine takes to make a container that it was asked for. */
const SETTLING: Seconds = 0.5;
/** What a command asked for that was ended in the middle may come to be a little later. */
const ATTEMPTS = 10;

const kinds = [
  { list: ['ps', '--all'], remove: ['rm', '--force', '--volumes'] },
  { list: ['network', 'ls'], remove: ['network', 'rm'] },
  { list: ['volume', 'ls'], remove: ['volume', 'rm', '--force'] },
] as const;

/**
 * Removes every container, network and volume of a Compose project, with the images that were built for it, and returns
 * when there is none. Containers are killed, since no client waits for an answer, and their data is removed.
 */
export async function removeProject(name: string, { settled = true }: RemovalOptions = {}): Promise<void> {
  let looksLeft = settled ? 1 : 2;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (await removeOnce(name)) continue;
    looksLeft -= 1;
    if (looksLeft === 0) return removeImages(name);
    await delay(SETTLING * 1000);
  }
  throw engineFailed(
    `did not remove everything of the project ${name} (docker ps --all --filter label=com.docker.compose.project=${name})`,
  );
}

/** Its layers stay where another container has them; then only the name goes. */
async function removeImages(project: string): Promise<void> {
  const built = ['image', 'ls', '--filter', `reference=${IMAGE}*:${project}`, '--format', '{{.Repository}}:{{.Tag}}'];
  const images = linesOf(await docker(built, { limit: LIMIT }));
  if (images.length > 0) await docker(['image', 'rm', '--force', ...images], { limit: LIMIT });
}

/** Whether there was anything. */
async function removeOnce(name: string): Promise<boolean> {
  let found = false;
  for (const { list, remove } of kinds) {
    const ids = linesOf(
      await docker([...list, '--quiet', '--filter', `label=com.docker.compose.project=${name}`], { limit: LIMIT }),
    );
    if (ids.length === 0) continue;
    found = true;
    try {
      await docker([...remove, ...ids], { limit: LIMIT });
    } catch (error) {
      // It may have ended of itself in the meantime, or still be in use by what is being made: the next look tells.
      if (!(error instanceof DockerFailure)) throw error;
    }
  }
  return found;
}
