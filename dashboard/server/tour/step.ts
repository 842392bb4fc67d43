import type { Deployment } from '../../../model/deployment.ts';
import type { TopologyName } from '../../../model/topology.ts';
import type { DeploymentId, LiveLoad, LiveWorkload, TourStep } from '../../protocol.ts';
import type { StepOutcome } from './figure.ts';
import type { Loads } from './loads.ts';

/** A step of the tour: what it needs and sets up, and how it is measured. Its words are the page's. */
export interface Step {
  readonly step: TourStep;
  /** What it cannot do without, in the order of `topologyNames`. */
  readonly needs: readonly TopologyName[];
  /** Seconds that measuring it takes, about. */
  readonly duration: number;
  /** What it compares is how CPUs are used: beside other programs that need them its figures bear out nothing. */
  readonly comparesCpus?: boolean;
  /** What its texts speak of. */
  facts(sizes: StackSizes): Facts;
  /** What stands on the stage while one guesses; nothing of it is sent until the step is measured. */
  situation(sizes: StackSizes): { readonly workload: LiveWorkload; readonly load: LiveLoad };
  /** Sends, reads and judges. */
  measure(loads: Loads, sizes: StackSizes): Promise<StepOutcome>;
}

/** Numbers of this stack, by name. */
export type Facts = Readonly<Record<string, number>>;

/** How large everything is here. */
export interface StackSizes {
  readonly cpus: number;
  /** Workers of the topology's deployment; 0 when it is not there. */
  workers(topology: TopologyName): number;
  deployment(topology: TopologyName): Deployment | undefined;
  /** Of that deployment. */
  id(topology: TopologyName): DeploymentId | undefined;
}

/** Something was in the way of measuring: what, and what to do about it. The tour tells it as its `failure`. */
export class TourFailure extends Error {
  override readonly name = 'TourFailure';
}
