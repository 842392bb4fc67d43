import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LoadlineError } from '../../../model/errors.ts';
import { serveReports } from '../../probe/report-server.ts';
import { k6Flags, k6Variables, type LaunchK6 } from '../../run/generator.ts';
import { lastLinesOf } from '../last-lines.ts';
import { endGroup } from '../process-group.ts';

/** Launches the k6 at `path` as a process of this machine; `onStart` is told its process id as soon as it has one. */
export function localK6(path: string, onStart?: (pid: number) => void): LaunchK6 {
  return async ({ script, settings }, desk) => {
    const home = await mkdtemp(join(tmpdir(), 'loadline-k6-'));
    const orders = await serveReports(report => desk.take(report));
    const k6 = spawn(
      path,
      ['run', ...k6Flags, fileURLToPath(new URL(`../../../loadtests/${script}`, import.meta.url))],
      {
        // A group of its own: Ctrl-C in a terminal is for the lab, which then ends k6.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...surroundings(home), ...k6Variables, ...settings, ORDERS: orders.address },
      },
    );
    const closed = once(k6, 'close');
    let ending: Promise<void> | undefined;
    const end = () => (ending ??= endGroup(k6).then(() => cleanUp()));
    const cleanUp = async () => {
      await orders.close();
      await rm(home, { recursive: true, force: true });
    };
    if (k6.pid === undefined) {
      const cause = await closed.catch((error: unknown) => error);
      await cleanUp();
      throw new LoadlineError('k6-failed', `k6 at ${path} cannot be started.`, { cause });
    }
    putFirst(k6.pid);
    onStart?.(k6.pid);
    return { ended: closed.then(() => endingOf(k6)), lines: lastLinesOf(k6), end };
  };
}

/**
 * A nice value: half again the weight of the others. With -10, ten times their weight, k6 wakes up for every answer: its
 * CPU time per request rose by 20 to 45 %, and 3,400/s that were carried without it no longer were.
 */
const FIRST = -2;

/**
 * Gives a new process precedence for CPU time, as far as this user may. Linux's autogroups count a session's nice value
 * and not that of its threads, so both are set.
 */
function putFirst(pid: number): void {
  const put = [
    // Linux keeps a nice value per thread.
    () => {
      for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), FIRST);
    },
    () => writeFileSync(`/proc/${pid}/autogroup`, `${FIRST}`),
  ];
  for (const how of put) {
    try {
      how();
    } catch {
      // Not permitted: k6 keeps the default priority.
    }
  }
}

/** As little of the environment as k6 needs: neither `K6_…` variables nor k6's own file in a home may change a load. */
function surroundings(home: string): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: home, XDG_CONFIG_HOME: home };
}

function endingOf({ signalCode, exitCode }: ChildProcess): string {
  return signalCode ?? `exit code ${exitCode}`;
}
