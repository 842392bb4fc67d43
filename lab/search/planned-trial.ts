import type { Cell, Experiment, Load, Trial } from '../../model/experiment.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { capacityPhases, DECIDING, DESCRIBING, lightTrial } from './phases.ts';

/** A trial without what its block gives it: name, seed and position. */
export type PlannedTrial = Pick<Trial, 'cell' | 'purpose' | 'load' | 'phases' | 'claim'>;

/** What a search tries: a light look, or a load that is carried or not. */
export type SearchLoad =
  | { readonly purpose: 'light' }
  | {
      readonly purpose: 'capacity';
      readonly arrivalRate: PerSecond;
      /** It is surely carried, and there to show how. */
      readonly describes: boolean;
    };

/** A trial of a search. */
export function searchTrial(cell: Cell, wanted: SearchLoad, experiment: Experiment): PlannedTrial {
  const { purpose } = wanted;
  if (purpose === 'light') return { cell, purpose, ...lightTrial(cell, experiment) };
  const { arrivalRate, describes } = wanted;
  const phases = capacityPhases(arrivalRate, experiment, describes ? DESCRIBING : DECIDING);
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
