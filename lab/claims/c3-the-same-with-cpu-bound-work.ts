import type { Cell, Experiment } from '../../model/experiment.ts';
import { withInterval } from '../../model/quantities.ts';
import { capacitiesUnmeasured, capacityRatioOf } from './capacities.ts';
import type { Claim } from './claim.ts';
import { decided, figure } from './evidence.ts';
import { cpu, perCpu } from './parts.ts';

/** The capacity on 5 ms of computing, of blocking workers and of event loops, as many as CPUs of each. */
export const c3: Claim = {
  id: 'C3',
  claim: 'With CPU-bound work sync and async do the same, given equal CPUs.',
  cells: machine => Object.values(cellsOf(machine)),
  parts: () => [],
  judge(evidence) {
    const { sync, control, hybrid } = cellsOf(evidence.experiment);
    const ratio = capacityRatioOf(control, sync, evidence);
    const other = capacityRatioOf(hybrid, sync, evidence);
    const figures = [
      figure('async-express ÷ sync, capacity on cpu', '', ratio),
      figure('hybrid ÷ sync, capacity on cpu', '', other),
    ].filter(({ estimate }) => Number.isFinite(estimate));
    // Decided by the one that has its framework in common with `sync`; the other differs in two things.
    const verdict = decided(ratio, { from: 0.9, to: 1.1 });
    if (verdict === 'unmeasured') return capacitiesUnmeasured(['sync', 'async-express on cpu'], figures);
    const beside = Number.isFinite(other.low) ? `; hybrid, in another framework, ${withInterval(other)} times` : '';
    const sentence = `On cpu async-express carries ${withInterval(ratio)} times what sync carries (the line: 0.9 to 1.1)${beside}.`;
    return { verdict, sentence, figures };
  },
};

function cellsOf(machine: Pick<Experiment, 'cpus'>): Record<'sync' | 'control' | 'hybrid', Cell> {
  return {
    sync: { deployment: perCpu('sync', machine), workload: cpu },
    control: { deployment: perCpu('async-express', machine), workload: cpu },
    hybrid: { deployment: perCpu('hybrid', machine), workload: cpu },
  };
}
