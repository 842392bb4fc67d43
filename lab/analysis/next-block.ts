import type { Cell, Experiment, Trial } from '../experiment/experiment.ts';
import type { TrialResult } from '../experiment/trial-result.ts';
import type { Seconds } from '../experiment/units.ts';
import { nextStepOf, type Step } from './next-load.ts';
import { capacityPhases, lightPhases } from './phases.ts';
import { seededRandom, shuffled } from './seeded.ts';

/** What a trial takes beside its phases until the first ones have shown it: starting the load, the drain. */
const FIRST_OVERHEAD: Seconds = 1;

/**
 * The trials to make next: one of every cell that is not done, in shuffled order, as far as the budget goes; empty
 * when the experiment is done. It depends on the experiment and the results alone: where a run was cut off in the
 * middle of a block, it answers with the trials of that block that are left.
 */
export function nextBlock(experiment: Experiment, results: readonly TrialResult[]): Trial[] {
  const last = Math.max(-1, ...results.map(({ trial }) => trial.block));
  const made = new Set(results.map(({ trial }) => trial.id));
  const before = results.filter(({ trial }) => trial.block < last);
  const left = last < 0 ? [] : blockAfter(before, last, experiment).filter(({ id }) => !made.has(id));
  return left.length > 0 ? left : blockAfter(results, last + 1, experiment);
}

/** Seconds that the trial will probably take in all, by what the trials so far took beside their phases. */
export function expectedLength({ phases }: Pick<Trial, 'phases'>, results: readonly TrialResult[]): Seconds {
  const overheads = results.flatMap(result =>
    result.state === 'completed' && !result.measurement.stoppedEarly
      ? [result.elapsed - result.trial.phases.warmUp - result.trial.phases.steadyState]
      : [],
  );
  const overhead =
    overheads.length === 0 ? FIRST_OVERHEAD : overheads.reduce((sum, seconds) => sum + seconds, 0) / overheads.length;
  return phases.warmUp + phases.steadyState + overhead;
}

type Planned = Pick<Trial, 'cell' | 'purpose' | 'load' | 'phases'>;

function blockAfter(results: readonly TrialResult[], block: number, experiment: Experiment): Trial[] {
  const { seed, cells, budget } = experiment;
  const steps = cells
    .flatMap(cell => {
      const step = nextStepOf(cell, results, experiment);
      return step === undefined ? [] : [{ step, planned: plan(cell, step, experiment) }];
    })
    .sort((a, b) => (a.step.width === b.step.width ? 0 : b.step.width - a.step.width));

  // The cells about which least is known come first when there is not time for all.
  let left = results.reduce((seconds, { elapsed }) => seconds - elapsed, budget);
  const affordable: Planned[] = [];
  for (const { planned } of steps) {
    const length = expectedLength(planned, results);
    if (length > left) continue;
    left -= length;
    affordable.push(planned);
  }

  const random = seededRandom(seed, block);
  return shuffled(affordable, random).map((planned, position) => ({
    id: `b${block}-p${position}`,
    ...planned,
    seed: Math.floor(random() * 2 ** 31),
    block,
    position,
  }));
}

function plan(cell: Cell, { purpose, arrivalRate }: Step, { objective }: Experiment): Planned {
  const phases = purpose === 'light' ? lightPhases(arrivalRate, objective) : capacityPhases(arrivalRate, objective);
  return { cell, purpose, load: { model: 'open', arrivalRate }, phases };
}
