import type { Cell, Experiment, Load, Trial } from '../../model/experiment.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { capacityPhases, DECIDING, DESCRIBING, lightPhases } from './phases.ts';

/** A trial without what its block gives it: name, seed and position. */
export type PlannedTrial = Pick<Trial, 'cell' | 'purpose' | 'load' | 'phases' | 'claim'>;

/** A load that a search tries. */
export interface SearchLoad {
  readonly purpose: 'light' | 'capacity';
  readonly arrivalRate: PerSecond;
  /** It is surely carried, and there to show how. */
  readonly describes: boolean;
}

/** A trial of a search: a light look, or a load that is carried or not. */
export function searchTrial(
  cell: Cell,
  { purpose, arrivalRate, describes }: SearchLoad,
  experiment: Experiment,
): PlannedTrial {
  const phases =
    purpose === 'light'
      ? lightPhases(arrivalRate, cell.workload, experiment.objective)
      : capacityPhases(arrivalRate, experiment, describes ? DESCRIBING : DECIDING);
  return { cell, purpose, load: { model: 'open', arrivalRate }, phases };
}

/** A load below the cell's capacity that is measured for its own sake. */
export function partTrial(cell: Cell, arrivalRate: PerSecond, experiment: Experiment): PlannedTrial {
  return {
    cell,
    purpose: 'load',
    load: { model: 'open', arrivalRate },
    phases: capacityPhases(arrivalRate, experiment),
  };
}

/** The loads that an experiment names, on every one of its cells. */
export function fixedTrials(experiment: Experiment): PlannedTrial[] {
  return experiment.cells.flatMap(cell =>
    experiment.loads.map(load => ({ cell, purpose: 'load' as const, load, phases: phasesOf(load, experiment) })),
  );
}

function phasesOf(load: Load, experiment: Experiment): Trial['phases'] {
  // All of a burst is scored.
  if (load.model === 'burst') return { ...capacityPhases(Number.POSITIVE_INFINITY, experiment), warmUp: 0 };
  return capacityPhases(load.model === 'open' ? load.arrivalRate : Number.POSITIVE_INFINITY, experiment);
}
