import type { WorkerState } from '../../protocol.ts';

/** What a worker is seen to do. */
export type Activity = 'idle' | 'computing' | 'waiting' | 'gone';

/** While the database is away nobody is connected to it, also where a worker has not noticed yet. */
export function cutOff(states: readonly WorkerState[]): WorkerState[] {
  return states.map(state => ({ ...state, connectionsInUse: 0 }));
}

/** What it does for most of the time between two looks; one that holds a request and does not compute waits. */
export function activityOf({ alive, computing, inProgress, connectionsInUse }: WorkerState): Activity {
  if (!alive) return 'gone';
  if (computing >= 0.5) return 'computing';
  if (inProgress > 0 || connectionsInUse > 0) return 'waiting';
  return 'idle';
}
