import type { Experiment, Trial } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import { mean } from '../../model/statistics.ts';
import { claimTrials } from '../claims/schedule.ts';
import { planBlock, planRound, withFoundWarmUp } from './search-plan.ts';
import { seededRandom, shuffled } from './seeded.ts';

/** Seconds that a trial takes besides its phases (start of the load, drain) until the first trials have shown it. */
const FIRST_OVERHEAD: Seconds = 1;

/**
 * The trials to make next, as far as the budget goes: one of every cell that is not done, in shuffled order, or what is
 * left of the block that was begun. Empty if the experiment is done. Depends on the experiment and the results alone.
 */
export function nextBlock(experiment: Experiment, results: readonly TrialResult[]): Trial[] {
  const last = Math.max(-1, ...results.map(({ trial }) => trial.block));
  const made = new Set(results.map(({ trial }) => trial.id));
  const before = results.filter(({ trial }) => trial.block < last);
  const left = last < 0 ? [] : blockAfter(before, last, experiment).filter(trial => !made.has(trial.id));
  const affordable = left.filter(trial => expectedLength(trial, results) <= budgetLeft(experiment, results));
  return affordable.length > 0 ? affordable : blockAfter(results, last + 1, experiment);
}

/** Seconds of the budget that are left; below 0 if trials used more. */
export function budgetLeft({ budget }: Experiment, results: readonly TrialResult[]): Seconds {
  return results.reduce((left, { elapsed }) => left - elapsed, budget);
}

/** Seconds that a trial will probably take, by what the trials so far took besides their phases. */
export function expectedLength({ phases }: Pick<Trial, 'phases'>, results: readonly TrialResult[]): Seconds {
  const overheads = results.flatMap(result => (result.state === 'failed' ? [] : [measureOverhead(result)]));
  const overhead = overheads.length === 0 ? FIRST_OVERHEAD : mean(overheads);
  return phases.warmUp + phases.steadyState + overhead;
}

function measureOverhead({
  trial: { phases },
  elapsed,
  measurement,
}: Exclude<TrialResult, { state: 'failed' }>): Seconds {
  const { stoppedEarly, scored, offeredLoad } = measurement;
  // A trial that was stopped had a part of its steady state only.
  const steadyState = stoppedEarly && offeredLoad > 0 ? scored / offeredLoad : phases.steadyState;
  return Math.max(0, elapsed - phases.warmUp - steadyState);
}

function blockAfter(results: readonly TrialResult[], block: number, experiment: Experiment): Trial[] {
  const searched = experiment.blocks === 1 ? planRound(results, experiment) : planBlock(results, block, experiment);
  // What claims ask for depends on capacities.
  const wanted =
    searched.length > 0
      ? searched.map(planned => withFoundWarmUp(planned, results, experiment))
      : claimTrials(experiment, results);
  // Shuffled before the budget is looked at: with a larger one the same trials keep their names, seeds and order.
  const random = seededRandom(experiment.seed, block);
  const named = shuffled([...wanted.entries()], random).map(([rank, planned], position) => ({
    rank,
    trial: {
      id: `b${block}-p${position}`,
      ...planned,
      seed: Math.floor(random() * 2 ** 31),
      block,
      position,
    },
  }));
  let left = budgetLeft(experiment, results);
  const affordable = new Set<Trial>();
  for (const { trial } of named.toSorted((a, b) => a.rank - b.rank)) {
    const length = expectedLength(trial, results);
    if (length > left) continue;
    left -= length;
    affordable.add(trial);
  }
  return named.flatMap(({ trial }) => (affordable.has(trial) ? [trial] : []));
}
