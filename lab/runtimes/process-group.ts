import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Seconds } from '../../model/quantities.ts';

/** How long a program may take to end when it is asked to. */
const LONGEST_END: Seconds = 2;

/** Ends a detached child with all that it has started, by force when asking is not enough; resolves when it is gone. */
export async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const ended = once(child, 'exit');
  signalGroup(child, 'SIGINT');
  const force = setTimeout(() => signalGroup(child, 'SIGKILL'), LONGEST_END * 1000);
  await ended;
  clearTimeout(force);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined && !hasEnded(child)) process.kill(-child.pid, signal);
}
