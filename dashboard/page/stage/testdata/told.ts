import { deploymentOf } from '../../../../model/deployment.ts';
import type { DeploymentId, Frame, Hello, WorkerState } from '../../../protocol.ts';
import { Replay } from '../replay.ts';

/** A request; times are in seconds since the server's `START`. */
export interface ToldRequest {
  readonly dot: number;
  readonly id?: DeploymentId;
  readonly sentAt: number;
  readonly worker?: number;
  readonly begunAt?: number;
  readonly databaseWait?: number;
  readonly endedAt?: number;
  readonly status?: number;
}

/** When the server's time begins, and by how many seconds the browser's clock is behind it. */
export const START = 1_000_000;
const BEHIND = 777_777;

/** The browser's clock, this many seconds after `START`. */
export function clockAt(now: number): number {
  return START + now - BEHIND;
}

/** A worker as it is seen. */
export function seen(state: Partial<WorkerState> = {}): WorkerState {
  return { inProgress: 0, connectionsInUse: 0, connections: 1, computing: 0, alive: true, ...state };
}

/** A hello at `now` from a server with two deployments. */
export function hello(now: number): Hello {
  const stage = ['sync', 'hybrid'].map(id => ({ id, label: id, deployment: deploymentOf(id, 2), workers: [] }));
  return { now: START + now, stage } as Partial<Hello> as Hello;
}

/** A replay that has had its hello at `START`. */
export class ToldReplay {
  readonly replay = new Replay();

  constructor() {
    this.replay.hello(hello(0), clockAt(0));
  }

  /** Tells at `now` that these requests were sent, and ended. */
  tell(
    now: number,
    sent: readonly ToldRequest[],
    ended: readonly ToldRequest[] = [],
    workers?: Frame['workers'],
  ): void {
    const frame: Frame = {
      now: START + now,
      arrivals: sent.map(({ dot, id = 'sync', sentAt }) => [id, dot, START + sentAt]),
      completions: ended.map(({ dot, sentAt, worker = 0, begunAt = sentAt, databaseWait = 0, ...end }) => {
        return [dot, worker, START + begunAt, databaseWait, START + (end.endedAt ?? begunAt), end.status ?? 200];
      }),
      ...(workers && { workers }),
    };
    this.replay.frame(frame, clockAt(now));
  }

  /** The stage as it shows what happened at `time`. */
  show(time: number) {
    return this.replay.at(clockAt(time + 1));
  }

  /** A dot as it is shown at `time`. */
  see(dot: number, time: number) {
    return this.show(time).dots.find(({ number }) => number === dot);
  }
}
