import type { TopologyName } from '../../../model/topology.ts';
import type { LiveLoad, LiveWorkload } from '../../protocol.ts';
import type { TopologyReading } from './reading.ts';

/** What a step may do to the stack, and what it reads. All of it ends by itself, and is undone when the step is over. */
export interface Loads {
  /**
   * Requests that count for nothing, not even when some fail; then everything that was sent is answered.
   */
  warmUp(topologies: readonly TopologyName[], workload: LiveWorkload, options?: WarmUp): Promise<void>;
  /**
   * Sends a load to one topology and reads its steady state. It goes on afterwards, until the next load replaces it; a
   * topology that it no longer goes to has answered everything before another is read.
   */
  load(topology: TopologyName, phase: Phase): Promise<TopologyReading>;
  /** The same to several topologies alike, at the same time; their readings in this order. */
  loadTogether(topologies: readonly TopologyName[], phase: Phase): Promise<readonly TopologyReading[]>;
  /** Sends so many requests at the same instant to a topology that is idle, and reads what happens until the last answer. */
  burst(burst: Burst): Promise<TopologyReading>;
  /** Beside a load that goes on: one request that computes for about so many seconds, until it is answered. */
  holdCpu(topology: TopologyName, seconds: number): Promise<TopologyReading>;
  /** Gives the deployment so many database connections until the step is over, or until it is told otherwise. */
  limitConnections(topology: TopologyName, databaseConnections: number): Promise<void>;
}

/** A few users for less than a second, unless it is said. */
export interface WarmUp {
  readonly users?: number;
  readonly seconds?: number;
}

export interface Phase {
  readonly workload: LiveWorkload;
  readonly load: LiveLoad;
  /** Seconds. */
  readonly steadyState: number;
  /** Seconds of load before it; 0.75 unless it is said. */
  readonly warmUp?: number;
}

export interface Burst {
  readonly topology: TopologyName;
  readonly workload: LiveWorkload;
  readonly requests: number;
}
