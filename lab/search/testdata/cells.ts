import { deploymentOf } from '../../../model/deployment.ts';
import type { Cell, Experiment, Trial } from '../../../model/experiment.ts';
import { type TopologyName, topologies } from '../../../model/topology.ts';
import { capacityPhases } from '../trial-plan.ts';

/** A cell of `wait` (20 ms) on a topology with the defaults of two CPUs. */
export function waitOn(topology: TopologyName): Cell {
  const requests = [{ weight: 1, route: 'wait', parameters: { ms: 20 } }] as const;
  return { deployment: deploymentOf(topology, 2), workload: { name: 'wait', requests } };
}

/** An experiment with the objective of `quick` over these cells. */
export function experimentWith(cells: readonly Cell[], { seed = 7, budget = 300 } = {}): Experiment {
  const objective = { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 };
  return { ...{ name: 'quick', seed, cpus: 2, objective, topologies, cells, budget }, ...defaults };
}

/** What an experiment has when its file says nothing else. */
const defaults = {
  blocks: 1,
  capacity: true,
  loads: [],
  phases: { warmUp: 2, steadyState: 10 },
  sizes: 'all',
  limits: {},
  claims: [],
  noise: { betweenTrials: 0.03, betweenBlocks: 0.03, source: 'assumed' },
} as const;

/** A trial that offers `arrivalRate` to a cell. */
export function trialAt(arrivalRate: number, cell: Cell, given: Partial<Trial> = {}): Trial {
  const phases = capacityPhases(arrivalRate, experimentWith([]));
  const load = { model: 'open', arrivalRate } as const;
  return { id: `at-${arrivalRate}`, purpose: 'capacity', cell, load, phases, seed: 1, block: 1, position: 0, ...given };
}
