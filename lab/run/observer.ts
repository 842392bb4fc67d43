import type { Component } from '../../model/measurement.ts';
import type { Bytes, Seconds } from '../../model/quantities.ts';
import type { MemoryKills, WorkerCounters } from '../../model/wire.ts';
import type { RoleSessions } from '../probe/sessions.ts';

/** What a runtime can read of a running deployment; everything is counted since the start, so that two snapshots make a difference. */
export interface Observer {
  read(): Promise<Snapshot>;
  /** What all the deployments have done that it does not read: they stay up, and should have nothing to do. */
  readOthers(): Promise<DeploymentReading[]>;
  /**
   * How many requests each worker holds now, by its name: a look that is cheap enough for several a second. `undefined`:
   * the deployment does not tell.
   */
  held(): Promise<ReadonlyMap<string, number> | undefined>;
  /** The connections of its database role now; `null` where they cannot be counted. */
  sessions(): Promise<RoleSessions | null>;
  /** Memory of each component now. */
  memory(): Promise<Record<Component, Bytes>>;
}

/** What was read of a deployment at one moment. */
export interface Snapshot {
  /** Of a clock that only moves forward. */
  readonly time: Seconds;
  /** CPU seconds of each component. */
  readonly cpu: Record<Component, Seconds>;
  readonly machine: { readonly busy: Seconds; readonly total: Seconds; readonly steal: Seconds };
  /** nginx's processes that serve requests. */
  readonly nginxProcesses: number;
  /** For which a limit of its cgroup kept each component, or all of them together, from running; `null` where it cannot be read. */
  readonly throttled: Readonly<Partial<Record<Component | 'stack', Seconds | null>>>;
  /** Of the workers' threads; `null` where they cannot be read; absent: the deployment is hidden. */
  readonly contextSwitches?: { readonly voluntary: number; readonly involuntary: number } | null;
  /** Process ids of the workers; of a hidden deployment those that can be seen from outside, which may be none. */
  readonly processes: readonly number[];
  /** Processes that the kernel had killed as their container reached its memory limit, when the latest started; `null`: without a limit. */
  readonly memoryKills: MemoryKills | null;
  /** Absent: the deployment does not tell. */
  readonly workers?: readonly WorkerCounters[];
}

/** A deployment as a whole. */
export interface DeploymentReading {
  /** As in `deploymentName`. */
  readonly name: string;
  /** Absent: it does not tell. */
  readonly completed?: number;
  readonly inProgress?: number;
  /** CPU seconds of its processes. */
  readonly cpu: Seconds;
}
