import { join } from 'node:path';
import { LoadlineError } from '../../../model/errors.ts';
import { DockerFailure, docker } from './docker.ts';
import { type ComposeFile, composeFile } from './project.ts';

export interface ReferenceOptions {
  /** The project that names of networks and volumes are made for. */
  readonly project: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The checkout's `docker-compose.yml` with the defaults of its `.env`, as Compose itself understands it. */
export async function readReference(
  root: string,
  { project, variables, signal }: ReferenceOptions,
): Promise<ComposeFile> {
  const file = join(root, 'docker-compose.yml');
  const config = ['compose', '--file', file, '--project-name', project, '--profile', '*', 'config', '--format', 'json'];
  try {
    return composeFile.parse(JSON.parse(await docker(config, { variables, signal })));
  } catch (cause) {
    if (!(cause instanceof DockerFailure)) throw cause;
    throw new LoadlineError('containers-failed', `${file} cannot be used; correct it: ${cause.said}`, { cause });
  }
}
