import { randomUUID } from 'node:crypto';
import { LoadlineError } from '../../../model/errors.ts';
import { k6Flags, k6Variables, type LaunchK6 } from '../../run/generator.ts';

import { type Container, inspect } from './containers.ts';
import { DockerFailure, docker, linesOf } from './docker.ts';
import type { ProbeLink } from './probe-link.ts';

const LINES_SHOWN = 10;

/**
 * Launches k6 as the project's service of that name, in nginx's network namespace; `compose` are the arguments of
 * `docker` that name the project. `onStart` is told its container as soon as it runs.
 */
export function composedK6(
  compose: readonly string[],
  probe: Pick<ProbeLink, 'ordersAddress' | 'reportTo'>,
  onStart: (container: Container) => void,
): LaunchK6 {
  return async ({ script, settings }, desk) => {
    probe.reportTo(desk);
    const variables = { ...k6Variables, ...settings, ORDERS: probe.ordersAddress };
    const told = Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    // Named beforehand: it can be removed even when nobody is told that it runs.
    const name = `loadline-k6-${randomUUID().slice(0, 8)}`;
    let ending: Promise<void> | undefined;
    const end = () => (ending ??= remove(name).finally(() => probe.reportTo(undefined)));
    try {
      await docker([
        ...[...compose, 'run', '--detach', '--name', name, '--no-deps', '-T', ...told, 'k6'],
        ...['run', ...k6Flags, script],
      ]).catch(notStarted);
      onStart(...((await inspect([name])) as [Container]));
    } catch (error) {
      // Why it does not run counts more than that it cannot be removed, which the end of its project does.
      await end().catch(() => undefined);
      throw error;
    }
    const lines: string[] = [];
    const ended = endOf(name, lines);
    // Whoever drives the load hears of it; until then it is nobody's.
    ended.catch(() => undefined);
    return { ended, lines, end };
  };
}

/** How it ends, with its last lines then in `lines`. */
async function endOf(id: string, lines: string[]): Promise<string> {
  try {
    const code = (await docker(['wait', id], { limit: Number.POSITIVE_INFINITY })).trim();
    if (code !== '0') lines.push(...linesOf(await docker(['logs', '--tail', `${LINES_SHOWN}`, id], { both: true })));
    return `exit code ${code}`;
  } catch (error) {
    // It was removed before it had ended.
    if (error instanceof DockerFailure) return 'SIGKILL';
    throw error;
  }
}

async function remove(id: string): Promise<void> {
  await docker(['rm', '--force', id]).catch((error: unknown) => {
    if (!(error instanceof DockerFailure)) throw error;
  });
}

function notStarted(cause: unknown): never {
  if (!(cause instanceof DockerFailure)) throw cause;
  throw new LoadlineError('k6-failed', `k6 cannot be started in its container: ${cause.said}`, { cause });
}
