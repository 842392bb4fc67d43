import type { Seconds } from '../../../model/quantities.ts';
import { outliving, type ProcessIdentity, runningPrograms, signalAll, startedWith } from './processes.ts';

/** Long enough for a command to stop its own stack. */
const LONGEST_END: Seconds = 8;

/** Ends every process that works in `folder`, or that was started with it as the place for what is temporary. */
export async function endAllOf(folder: string): Promise<void> {
  const asked = startedFrom(folder);
  signalAll(asked, 'SIGINT');
  await outliving(asked, LONGEST_END);
  // What is being killed may just have started another process.
  for (let left = startedFrom(folder); left.length > 0; left = startedFrom(folder)) {
    signalAll(left, 'SIGKILL');
    await outliving(left, 1);
  }
}

function startedFrom(folder: string): ProcessIdentity[] {
  const inside = (path: string | undefined) => path === folder || path?.startsWith(`${folder}/`);
  return runningPrograms().filter(
    ({ pid, workingFolder }) => inside(workingFolder) || inside(startedWith(pid, 'TMPDIR')),
  );
}
