import { type ProcessIdentity, runningPrograms, startedWith } from '../../lab/runtimes/local/processes.ts';
import type { StackFolder } from '../../lab/runtimes/local/stack-folder.ts';

/** The process of a local stack's dashboard; `undefined` while there is none. */
export function findServer({ pm2 }: StackFolder): ProcessIdentity | undefined {
  return runningPrograms(['node']).find(
    ({ pid }) => startedWith(pid, 'PM2_HOME') === pm2 && startedWith(pid, 'LOADLINE_DESK_PORT') !== undefined,
  );
}
