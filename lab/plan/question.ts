import type { Objective, Workload } from '../../model/experiment.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import type { Topology, TopologyName } from '../../model/topology.ts';
import type { FittedModel } from './fitted-model.ts';
import type { PlannedMachine } from './planned-machine.ts';

/** What somebody wants to run, and on what. */
export interface Question {
  /** λ of today, over all machines. */
  readonly arrivalRate: PerSecond;
  /** Times today's. */
  readonly growth: number;
  /** The part of the capacity that shall stay free. */
  readonly headroom: Fraction;
  readonly objective: Objective;
  readonly workload: Workload;
  /** Each of them, where it takes several. */
  readonly machine: PlannedMachine;
  /** Only these are thought of; absent: all that were measured. */
  readonly topologies?: readonly TopologyName[];
  readonly prices?: Prices;
}

/** What things cost, in any currency and for any time, as long as it is one for all of them. */
export interface Prices {
  readonly machine: number;
  readonly gigabyte: number;
  readonly databaseConnection: number;
}

/** The topologies that are thought of. */
export function candidatesOf({ topologies }: FittedModel, { topologies: asked }: Question): Topology[] {
  return topologies.filter(({ name }) => asked === undefined || asked.includes(name));
}

/** The load that has to be met: today's, grown. */
export function plannedLoad({ arrivalRate, growth }: Question): PerSecond {
  return arrivalRate * growth;
}

/** The capacity that is wanted: so much more that the headroom stays free. */
export function requiredCapacity(question: Question): PerSecond {
  return plannedLoad(question) / (1 - question.headroom);
}
