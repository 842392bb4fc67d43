import { deploymentOf } from '../../../../model/deployment.ts';
import {
  type DeploymentId,
  type DotArrival,
  type DotCompletion,
  type Frame,
  type Hello,
  stageOf,
  type WorkerState,
} from '../../../protocol.ts';
import { Replay } from '../replay.ts';

/** What the server tells of one request; moments are in seconds since the server's `START`. */
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

/** When the server's time begins, and how far the browser's clock is from it, in seconds. */
export const START = 1_000_000;
const OFFSET = 777_777;

/** A dot sets out. */
export function arrival({ dot, id = 'sync', sentAt }: ToldRequest): DotArrival {
  return [id, dot, START + sentAt];
}

/** It is answered. */
export function completion(told: ToldRequest): DotCompletion {
  const { dot, sentAt, worker = 0, begunAt = sentAt, databaseWait = 0, endedAt = begunAt, status = 200 } = told;
  return [dot, worker, START + begunAt, databaseWait, START + endedAt, status];
}

/** A worker as it is seen. */
export function seen(state: Partial<WorkerState> = {}): WorkerState {
  return { inProgress: 0, connectionsInUse: 0, connections: 1, computing: 0, alive: true, ...state };
}

/** A replay that a server at `START` has greeted, with clocks of which nobody needs to think. */
export class ToldReplay {
  readonly replay = new Replay();

  constructor(requestsPerDot = 1) {
    this.replay.hello(hello(START, requestsPerDot), clockAt(0));
  }

  /** A frame that the server writes at `now`, and the page has at once. */
  tell(now: number, told: Partial<Omit<Frame, 'now'>>): void {
    this.replay.frame({ now: START + now, arrivals: [], completions: [], ...told }, clockAt(now));
  }

  /** The stage as it shows what happened at `moment`. */
  show(moment: number) {
    return this.replay.at(clockAt(moment + 1));
  }

  /** What a dot is seen to do at `moment`. */
  see(dot: number, moment: number) {
    const found = this.show(moment).dots.find(({ number }) => number === dot);
    if (found === undefined) return undefined;
    const { phase, progress, worker, age, place, failed } = found;
    return { phase, progress, worker, age, place, failed };
  }
}

/** The browser's clock when the server's shows so many seconds since `START`. */
export function clockAt(now: number): number {
  return START + now - OFFSET;
}

/** A greeting. */
export function hello(now: number, requestsPerDot = 1): Hello {
  return {
    started: 1_799_999_000,
    now,
    stage: stageOf(['sync', 'hybrid'].map(id => ({ id, deployment: deploymentOf(id, 2) }))),
    cpus: 2,
    state: {
      settings: {
        deployments: ['sync'],
        workload: { route: 'wait', parameters: { ms: 20 } },
        load: { model: 'open', arrivalRate: 1 },
        running: true,
      },
      requestsPerDot,
      databaseConnections: {},
    },
    seconds: [],
    marks: [],
  };
}
