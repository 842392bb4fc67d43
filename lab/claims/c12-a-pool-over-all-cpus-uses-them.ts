import type { Cell, Experiment } from '../../model/experiment.ts';
import type { Measurement } from '../../model/measurement.ts';
import { withInterval } from '../../model/quantities.ts';
import { quotient } from '../../model/statistics.ts';
import { atCapacity, capacitiesUnmeasured, capacityRatioOf } from './capacities.ts';
import type { Claim } from './claim.ts';
import { decided, figure, meanOver } from './evidence.ts';
import { cpu, perCpu } from './parts.ts';

/** The capacity on 5 ms of computing of one event loop and of one for each CPU. */
export const c12: Claim = {
  id: 'C12',
  claim: 'A pool over all CPUs uses all cores; one process alone does not.',
  cells: machine => [cellOf('hybrid', machine), cellOf('async', machine)],
  parts: () => [],
  judge(evidence) {
    const { experiment } = evidence;
    const hybrid = cellOf('hybrid', experiment);
    const ratio = capacityRatioOf(hybrid, cellOf('async', experiment), evidence);
    const left = meanOver(atCapacity(hybrid, evidence, cpusLeft));
    const ofExpected = quotient(ratio, left);
    const figures = [
      figure('hybrid ÷ async, capacity on cpu', '', ratio),
      figure('CPUs less those that everything else uses at capacity', '', left),
      figure('the ratio ÷ those CPUs', '', ofExpected),
    ].filter(({ estimate }) => Number.isFinite(estimate));
    const verdict = decided(ofExpected, { from: 0.85, to: 1.15 });
    if (verdict === 'unmeasured') return capacitiesUnmeasured(['hybrid', 'async on cpu'], figures);
    const sentence =
      `On cpu hybrid carries ${withInterval(ratio)} times what async carries; everything else leaves the workers ` +
      `${withInterval(left)} of the ${experiment.cpus} CPUs, and the ratio is ${withInterval(ofExpected)} of that (the line: 0.85 to 1.15).`;
    return { verdict, sentence, figures };
  },
};

/** CPUs that are left to the workers when nginx, Postgres, k6 and every other program have what they use. */
function cpusLeft({ utilisation, cpuShare }: Measurement, { cpus }: Experiment): number {
  return cpus * (1 - (utilisation.cpu - cpuShare.workers));
}

function cellOf(topology: 'hybrid' | 'async', machine: Pick<Experiment, 'cpus'>): Cell {
  return { deployment: perCpu(topology, machine), workload: cpu };
}
