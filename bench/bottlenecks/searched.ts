import { type Bottleneck, bottleneckOf } from '../../lab/explain/bottleneck.ts';
import { invalidReasonOf } from '../../lab/run/validity.ts';
import { type Capacity, capacityOf } from '../../lab/search/capacity.ts';
import { isFailureCertain } from '../../lab/search/early-stop.ts';
import { nextBlock } from '../../lab/search/next-block.ts';
import type { ServiceModel } from '../../lab/simulation/service-model.ts';
import { simulateTrial, slownessOf } from '../../lab/simulation/simulate-trial.ts';
import type { Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { topologies } from '../../model/topology.ts';
import type { BottleneckCase } from './cases.ts';

/** What a search found out about a case. */
export interface Searched {
  readonly capacity: Capacity;
  readonly bottleneck: Bottleneck | undefined;
}

/** Searches for the capacity of a simulated deployment as `compare` does, with the noise of a real machine. */
export function searched({ cell, cpus, objective, model }: BottleneckCase, seed: number): Searched {
  const experiment: Experiment = {
    ...{
      name: 'bottlenecks',
      seed,
      cpus,
      objective,
      topologies,
      cells: [cell],
      budget: 600,
      blocks: 1,
      capacity: true,
    },
    ...{ loads: [], phases: { warmUp: 2, steadyState: 10 }, sizes: 'all', limits: {}, claims: [] },
    noise: { betweenTrials: 0.03, betweenBlocks: 0.03, source: 'assumed' },
  };
  const results = search(experiment, model);
  const capacity = capacityOf(cell, results, experiment);
  return { capacity, bottleneck: bottleneckOf(cell, results, capacity, experiment) };
}

function search(experiment: Experiment, model: ServiceModel): TrialResult[] {
  const { cpus, objective } = experiment;
  const results: TrialResult[] = [];
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    const made = trial;
    const { measurement, elapsed } = simulateTrial(made, model, {
      cpus,
      objective: objective.responseTime,
      slowness: slownessOf(made, experiment),
      onProgress: progress => (isFailureCertain(progress, made, objective) ? 'stop' : 'go-on'),
    });
    const reason = invalidReasonOf(measurement, made, experiment);
    const run = { trial: made, elapsed, measurement };
    results.push(reason ? { state: 'invalid', ...run, reason } : { state: 'completed', ...run });
  }
  return results;
}

/** Whether that is what stops the case. */
export function isRight(bottleneck: Bottleneck | undefined, { expected }: BottleneckCase): boolean {
  return bottleneck?.resource === expected.resource && expected.causes.includes(bottleneck.cause);
}
