import type { Seconds } from '../../experiment/units.ts';
import { DockerFailure, docker, engineFailed, linesOf } from './docker.ts';

const LIMIT: Seconds = 30;
/** What a command asked for that was ended in the middle may come to be a little later. */
const ATTEMPTS = 10;

const kinds = [
  { list: ['ps', '--all'], remove: ['rm', '--force', '--volumes'] },
  { list: ['network', 'ls'], remove: ['network', 'rm'] },
  { list: ['volume', 'ls'], remove: ['volume', 'rm', '--force'] },
] as const;

/**
 * Removes every container, network and volume of a Compose project, and returns when there is none. Containers are
 * killed: nobody waits for an answer of theirs any more, and their data goes with them.
 */
export async function removeProject(name: string): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (!(await removeOnce(name))) return;
  }
  throw engineFailed(
    `did not remove everything of the project ${name} (docker ps --all --filter label=com.docker.compose.project=${name})`,
  );
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
