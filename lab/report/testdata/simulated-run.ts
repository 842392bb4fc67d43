import type { ClaimId, Experiment } from '../../../model/experiment.ts';
import type { TrialResult } from '../../../model/measurement.ts';
import { claimCells } from '../../claims/schedule.ts';
import type { Results } from '../../compare/comparison.ts';
import { parseExperiment } from '../../experiment/parse.ts';
import { nextBlock } from '../../search/next-block.ts';
import { isFailureCertain } from '../../search/verdict.ts';
import { measuredService } from '../../simulation/service-model.ts';
import { drawSlowness, simulateTrial } from '../../simulation/simulate-trial.ts';

const CPUS = 2;

/** An experiment's text on a simulated machine with two CPUs, with these claims: of a full comparison as much as a report can hold. */
export function simulatedRun(text: string, claims: readonly ClaimId[] = ['C1', 'C2']): Results {
  const asked = parseExperiment(text, { file: 'full.yaml', cpus: CPUS });
  const experiment: Experiment = { ...asked, claims, cells: [...asked.cells, ...claimCells({ ...asked, claims })] };
  const results: TrialResult[] = [];
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    const current = trial;
    const { objective } = experiment;
    const { measurement, elapsed } = simulateTrial(current, measuredService, {
      cpus: CPUS,
      objective: objective.responseTime,
      slowness: drawSlowness(current, experiment),
      onProgress: progress => (isFailureCertain(progress, current, objective) ? 'stop' : 'go-on'),
    });
    results.push({ state: 'completed', trial: current, elapsed, measurement });
  }
  return { experiment, runtime: 'simulated', environment: { simulated: true }, results };
}
