import { z } from 'zod';
import type { Seconds } from '../../experiment/units.ts';
import { DockerFailure, docker, EngineFailure } from './docker.ts';

/** A Docker Engine that answers, with Compose. */
export interface Engine {
  readonly version: string;
  readonly composeVersion: string;
  /** CPUs of the machine that it runs on, which may be a virtual one. */
  readonly cpus: number;
  readonly system: string;
  readonly kernel: string;
  readonly cgroupVersion: string;
}

/** Why none answers: a sentence that says what to do. */
export interface NoEngine {
  readonly missing: string;
}

const LIMIT: Seconds = 10;
const COMPOSE = 'https://docs.docker.com/compose/install';
/** The first whose `pull` has a policy. */
const OLDEST_COMPOSE = [2, 22] as const;

const infoSchema = z.object({
  ServerVersion: z.string(),
  NCPU: z.number(),
  OperatingSystem: z.string(),
  KernelVersion: z.string(),
  CgroupVersion: z.string().default('1'),
});

/** The engine that the `docker` on PATH talks to. */
export async function findEngine(signal?: AbortSignal): Promise<Engine | NoEngine> {
  const options = { limit: LIMIT, ...(signal && { signal }) };
  try {
    const [info, composeVersion] = await Promise.all([
      docker(['info', '--format', '{{json .}}'], options),
      docker(['compose', 'version', '--short'], options).catch((error: unknown) => {
        if (error instanceof DockerFailure) return undefined;
        throw error;
      }),
    ]);
    if (composeVersion === undefined) return { missing: `docker has no Compose; install its plugin: ${COMPOSE}.` };
    if (!isRecent(composeVersion)) {
      const found = `docker has Compose ${composeVersion.trim()}`;
      return { missing: `${found}, and Loadline needs ${OLDEST_COMPOSE.join('.')} or later; update it: ${COMPOSE}.` };
    }
    const { ServerVersion, NCPU, OperatingSystem, KernelVersion, CgroupVersion } = infoSchema.parse(JSON.parse(info));
    return {
      version: ServerVersion,
      composeVersion: composeVersion.trim(),
      cpus: NCPU,
      system: OperatingSystem,
      kernel: KernelVersion,
      cgroupVersion: CgroupVersion,
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof EngineFailure) return { missing: `${error.what}.` };
    throw error;
  }
}

/** Whether a version like `v2.40.3-desktop.1` will do. */
function isRecent(version: string): boolean {
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  return major > OLDEST_COMPOSE[0] || (major === OLDEST_COMPOSE[0] && minor >= OLDEST_COMPOSE[1]);
}

/** Whether it is there. */
export function isThere(engine: Engine | NoEngine): engine is Engine {
  return !('missing' in engine);
}
