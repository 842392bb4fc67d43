import { type Cell, cellName, type Experiment } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import { milliseconds, percent, rounded, type Seconds } from '../../model/quantities.ts';
import { type Capacity, capacityOf, LEAST_BLOCKS, precisionOf } from '../search/capacity.ts';
import { ceilingOf, readCell } from '../search/cell-state.ts';
import { contendersOf } from '../search/contenders.ts';
import { type LoadPoint, resultsOf, spoiledLoadsOf } from '../search/load-curve.ts';
import { othersShareOf } from '../search/saturation.ts';
import { findWarmUp, LONGEST_WARM_UP, MOST_BLOCKS } from '../search/search-plan.ts';
import { bottleneckOf } from './bottleneck.ts';
import { hintOf } from './invalid-hints.ts';

/** Something that a reader of a comparison must know. */
export interface Warning {
  readonly kind:
    | 'cut-off'
    | 'budget-used-up'
    | 'no-ratios'
    | 'wide-interval'
    | 'no-limit-found'
    | 'warm-up-short'
    | 'concurrency-differs'
    | 'precision'
    | 'invalid-trials'
    | 'generator-share'
    | 'other-programs'
    | 'steal';
  readonly message: string;
}

/** High ÷ low above which an interval says little. */
const WIDE = 1.3;
/** Times what is declared, or a part of it. */
const OTHER_CONCURRENCY = 2;
/** Of the machine's CPU time: less is not worth a word. */
const NOTABLE_STEAL = 0.02;
/** Of the machine's CPU time, beside what kernel and lab need. */
const NOTABLE_OTHERS = 0.2;

/** What to know before believing a comparison; each says what to do about it. */
export function warningsOf(experiment: Experiment, results: readonly TrialResult[]): Warning[] {
  const ratios = experiment.blocks < LEAST_BLOCKS ? [noRatios] : [];
  return [
    ...precisionWarnings(experiment, results),
    ...cellWarnings(experiment, results),
    ...machineWarnings(results),
    ...ratios,
  ];
}

/** For a run that ended before its search did. */
export const cutOff: Warning = {
  kind: 'cut-off',
  message:
    'The run was cut off: intervals are wider than they would have become, and cells are missing. Go on with it: ' +
    './loadline compare --resume, with the name of its folder.',
};

/** For a run whose budget ended before everything that it was to measure was measured. */
export const usedUp: Warning = {
  kind: 'budget-used-up',
  message:
    'The budget was used up before everything was measured that was asked for: go on with ./loadline compare --resume, ' +
    'with the name of its folder, and a larger --budget.',
};

const noRatios: Warning = {
  kind: 'no-ratios',
  message:
    'No ratio between topologies is given: a fair one needs four blocks with workers started anew, in three readings ' +
    '(workers = CPUs, equal concurrency, equal memory), as in ./loadline compare full. These intervals compare the ' +
    'deployments exactly as they are configured; they come from a model of the queue and the noise of the machine.',
};

function* cellWarnings(experiment: Experiment, results: readonly TrialResult[]): Generator<Warning> {
  for (const cell of experiment.cells) {
    const own = resultsOf(cell, results);
    const capacity = capacityOf(cell, own, experiment);
    if (capacity.state === 'bracketed' && capacity.high / capacity.low > WIDE) {
      const message = `The interval of ${cellName(cell)} is wide (${rounded(capacity.low)} to ${rounded(capacity.high)}/s): a larger budget or more blocks narrow it.`;
      yield { kind: 'wide-interval', message };
    }
    const isGenerators = capacity.state === 'at-least' && capacity.limitedBy === 'generator';
    const ceiling = spoiledLoadsOf(cell, own, experiment.objective).find(
      ({ arrivalRate }) => arrivalRate === ceilingOf({ own }),
    );
    if (isGenerators && ceiling) yield { kind: 'no-limit-found', message: noLimit(cell, ceiling, experiment) };
    const found = findWarmUp(cell, own, experiment) ?? 0;
    if (found > Math.max(experiment.phases.warmUp, experiment.objective.responseTime))
      yield { kind: 'warm-up-short', message: shortWarmUp(cell, found, experiment) };
    const differs = otherConcurrency(cell, own, capacity, experiment);
    if (differs !== undefined) yield { kind: 'concurrency-differs', message: differs };
    const invalid = own.flatMap(result => (result.state === 'invalid' ? [result.reason] : []));
    if (invalid.length > 0) {
      // The last of each kind: what was true when the search went on, or gave up.
      const hints = [...new Map(invalid.map(reason => [reason.kind, hintOf(reason, experiment)])).values()];
      const message = `${invalid.length} of ${own.length} trials of ${cellName(cell)} were invalid: ${hints.join(' ')}`;
      yield { kind: 'invalid-trials', message };
    }
  }
}

/** What a hidden deployment is declared to serve at once, where it is seen to serve much more, or is stopped by serving much less. */
function otherConcurrency(
  cell: Cell,
  own: readonly TrialResult[],
  capacity: Capacity,
  experiment: Experiment,
): string | undefined {
  const { slots: declared } = deriveParallelism(cell.deployment);
  if (!cell.deployment.hidden || !Number.isFinite(declared)) return undefined;
  const found = bottleneckOf(cell, own, capacity, experiment);
  if (found?.concurrency === undefined) return undefined;
  const { concurrency, cause } = found;
  const isMuchLess = cause === 'concurrency' && concurrency * OTHER_CONCURRENCY < declared;
  if (concurrency < OTHER_CONCURRENCY * declared && !isMuchLess) return undefined;
  return `${cellName(cell)} serves about ${rounded(concurrency)} requests at once, and is declared to serve ${declared}: correct the concurrencyLimit of its topology, or its sizes.`;
}

/** How much of the CPUs the generator took where it gave out, and what would show more. */
function noLimit(cell: Cell, { arrivalRate, measurement }: LoadPoint, { cpus, validity }: Experiment): string {
  const { cpuShare, scheduleLag } = measurement;
  const used = `k6 used ${percent(cpuShare.k6)} of the ${cpus} CPUs`;
  const late = `was ${milliseconds(quantile(scheduleLag, 0.99))} ms late (p99)`;
  const raise = validity === undefined ? 'raise the lag limit with ./loadline calibrate, ' : '';
  return `${cellName(cell)}: no limit found. At ${rounded(arrivalRate)}/s ${used} and ${late}. To see more, use more CPUs, ${raise}or run ./loadline plan --generator elsewhere.`;
}

function shortWarmUp(cell: Cell, found: Seconds, { phases: { warmUp } }: Experiment): string {
  const isFound = Number.isFinite(found);
  const when = isFound ? `steady only ${rounded(found)} s after their begin` : 'not steady by their end';
  const longer = isFound ? Math.ceil(found) : LONGEST_WARM_UP * warmUp;
  return `Loads that ${cellName(cell)} carries were ${when}, and its first trials were scored from ${warmUp} s on: warm up for longer, phases: { warmUp: ${longer}s }.`;
}

function* precisionWarnings(experiment: Experiment, results: readonly TrialResult[]): Generator<Warning> {
  const { precision } = experiment;
  if (precision === undefined) return;
  const blocks = Math.max(0, ...results.map(({ trial }) => trial.block));
  const missed = contendersOf(results, experiment).flatMap(cell => {
    const reached = precisionOf(readCell(cell, results, experiment));
    return reached > precision
      ? [`${cellName(cell)} ${Number.isFinite(reached) ? `± ${percent(reached)}` : 'not at all'}`]
      : [];
  });
  const asked = `± ${percent(precision)} (95 %)`;
  const message =
    missed.length === 0
      ? `Blocks were added until the differences between them left every capacity within ${asked}: ${blocks} of them.`
      : `After ${blocks} blocks, of ${MOST_BLOCKS} at most, the differences between them do not leave every capacity within ${asked}: ${missed.join(', ')}.`;
  yield {
    kind: 'precision',
    message: `${message} The intervals are wider by what the model of the queue may be wrong by, which no number of blocks shows.`,
  };
}

function* machineWarnings(results: readonly TrialResult[]): Generator<Warning> {
  const measurements = results.flatMap(result => (result.state === 'failed' ? [] : [result.measurement]));
  const share = Math.max(0, ...measurements.map(({ cpuShare }) => cpuShare.k6));
  if (share > 0.1) {
    yield {
      kind: 'generator-share',
      message: `k6 used up to ${percent(share)} of the CPUs that it shares with the service: on a larger machine capacities are higher.`,
    };
  }
  const others = Math.max(0, ...measurements.map(othersShareOf));
  if (others > NOTABLE_OTHERS) {
    yield {
      kind: 'other-programs',
      message: `Other programs used up to ${percent(others)} of the CPUs during a trial: end them, and repeat the comparison.`,
    };
  }
  const steal = Math.max(0, ...measurements.map(measurement => measurement.steal));
  if (steal > NOTABLE_STEAL) {
    yield {
      kind: 'steal',
      message: `Up to ${percent(steal)} of the CPU time was taken away by other guests of this machine's host: repeat it at another time.`,
    };
  }
}
