import { type Cell, cellName, type Experiment } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { InvalidReason, TrialResult } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import { type Fraction, milliseconds, percent, rounded, shownNumber } from '../../model/quantities.ts';
import { type Capacity, estimateCapacity, LEAST_BLOCKS, measurePrecision } from '../search/capacity.ts';
import { findCeiling, readCell } from '../search/cell-state.ts';
import { listContenders } from '../search/contenders.ts';
import { listSpoiledLoads, selectResults } from '../search/load-curve.ts';
import { computeOthersShare } from '../search/saturation.ts';
import { findWarmUp, LONGEST_WARM_UP, MOST_BLOCKS } from '../search/search-plan.ts';
import { findBottleneck } from './bottleneck.ts';

/** Something that a reader of a comparison must know, and what to do about it. */
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

/** For a run that ended before its search did. */
export const cutOff: Warning = {
  kind: 'cut-off',
  message:
    'The run was cut off: intervals are wide, and cells are missing. Resume it: ./loadline compare --resume, with the ' +
    'name of its folder.',
};

/** For a run whose budget was too small for everything that it was asked to measure. */
export const usedUp: Warning = {
  kind: 'budget-used-up',
  message:
    'The budget was used up before everything was measured. Resume the run with a larger --budget: ./loadline compare ' +
    '--resume, with the name of its folder.',
};

const noRatios: Warning = {
  kind: 'no-ratios',
  message:
    'No ratios between topologies: a fair ratio needs four blocks with restarted workers, in three readings ' +
    '(workers = CPUs, equal concurrency, equal memory), as in ./loadline compare full. The intervals compare the ' +
    'deployments exactly as they are configured; they come from a model of the queue and the noise of the machine.',
};

/** High ÷ low above which an interval says little. */
const WIDE = 1.3;
/** Factor between the declared and the observed concurrency that is worth a warning. */
const OTHER_CONCURRENCY = 2;
/** Parts of the machine's CPU time that are worth a warning. */
const NOTABLE_GENERATOR: Fraction = 0.1;
const NOTABLE_OTHERS: Fraction = 0.2;
const NOTABLE_STEAL: Fraction = 0.02;

/** Finds what a reader must know before believing a comparison; cells with the same trouble share a warning. */
export function listWarnings(experiment: Experiment, results: readonly TrialResult[]): Warning[] {
  return [
    ...warnOfPrecision(experiment, results),
    ...warnOfCells(experiment, results),
    ...warnOfInvalidTrials(experiment, results),
    ...warnOfMachine(results),
    ...(experiment.blocks < LEAST_BLOCKS ? [noRatios] : []),
  ];
}

/** One warning for all cells that a trouble has; none if no cell has it. */
function warn(kind: Warning['kind'], cells: readonly string[], write: (cells: string) => string): Warning[] {
  return cells.length === 0 ? [] : [{ kind, message: write(cells.join(', ')) }];
}

function warnOfCells(experiment: Experiment, results: readonly TrialResult[]): Warning[] {
  const { objective, phases, validity } = experiment;
  const cells = experiment.cells.map(cell => {
    const state = readCell(cell, results, experiment);
    return { cell, own: state.own, name: cellName(cell), capacity: estimateCapacity(state) };
  });
  const wide = cells.flatMap(({ name, capacity }) =>
    capacity.state === 'bracketed' && capacity.high / capacity.low > WIDE
      ? [`${name} (${shownNumber(capacity.low)} to ${shownNumber(capacity.high)}/s)`]
      : [],
  );
  const limitless = cells.flatMap(({ cell, own, name, capacity }) => {
    const found = describeNoLimit(cell, own, capacity, experiment);
    return found === undefined ? [] : [`${name} (${found})`];
  });
  const raise = validity === undefined ? 'raise the lag limit with ./loadline calibrate, ' : '';
  const late = cells.flatMap(({ cell, own, name }) => {
    const found = findWarmUp(cell, own, experiment) ?? 0;
    return found > Math.max(phases.warmUp, objective.responseTime) ? [{ name, found }] : [];
  });
  const lateNames = late.map(({ name, found }) =>
    Number.isFinite(found) ? `${name} after ${rounded(found)} s` : `${name} not by its end`,
  );
  const longest = late.map(({ found }) =>
    Number.isFinite(found) ? Math.ceil(found) : LONGEST_WARM_UP * phases.warmUp,
  );
  const differing = cells.flatMap(({ cell, own, name, capacity }) => {
    const found = findOtherConcurrency(cell, own, capacity, experiment);
    return found ? [`${name} serves about ${rounded(found.concurrency)} (declared: ${found.declared})`] : [];
  });
  return [
    ...warn('wide-interval', wide, list => `Wide intervals: ${list}. Use a larger budget or more blocks.`),
    ...warn(
      'no-limit-found',
      limitless,
      list =>
        `No limit found: ${list}. To see more, use more CPUs, ${raise}or run ./loadline plan --generator elsewhere.`,
    ),
    ...warn(
      'warm-up-short',
      lateNames,
      list =>
        `Carried loads became steady late: ${list}. The first trials were scored from ${phases.warmUp} s on: use phases: { warmUp: ${Math.max(...longest)}s }.`,
    ),
    ...warn(
      'concurrency-differs',
      differing,
      list =>
        `Requests served at once differ from what is declared: ${list}. Correct the concurrencyLimit of the topology, or the sizes.`,
    ),
  ];
}

/** What the generator took at its limit; `undefined` if it did not limit the capacity. */
function describeNoLimit(
  cell: Cell,
  own: readonly TrialResult[],
  capacity: Capacity,
  { objective, cpus }: Experiment,
): string | undefined {
  if (capacity.state !== 'at-least' || capacity.limitedBy !== 'generator') return undefined;
  const lowest = findCeiling({ own });
  const ceiling = listSpoiledLoads(cell, own, objective).find(({ arrivalRate }) => arrivalRate === lowest);
  if (ceiling === undefined) return undefined;
  const { cpuShare, scheduleLag } = ceiling.measurement;
  const late = milliseconds(quantile(scheduleLag, 0.99));
  return `at ${shownNumber(lowest)}/s k6 used ${percent(cpuShare.k6)} of the ${cpus} CPUs and was ${late} ms late, p99`;
}

/** The concurrency of a hidden deployment, if it serves much more than declared, or is stopped by serving much less. */
function findOtherConcurrency(
  cell: Cell,
  own: readonly TrialResult[],
  capacity: Capacity,
  experiment: Experiment,
): { readonly concurrency: number; readonly declared: number } | undefined {
  const { slots: declared } = deriveParallelism(cell.deployment);
  if (!cell.deployment.hidden || !Number.isFinite(declared)) return undefined;
  const found = findBottleneck(cell, own, capacity, experiment);
  if (found?.concurrency === undefined) return undefined;
  const { concurrency, cause } = found;
  const isMuchLess = cause === 'concurrency' && concurrency * OTHER_CONCURRENCY < declared;
  return concurrency >= OTHER_CONCURRENCY * declared || isMuchLess ? { concurrency, declared } : undefined;
}

function* warnOfInvalidTrials(experiment: Experiment, results: readonly TrialResult[]): Generator<Warning> {
  const invalid = experiment.cells.flatMap(cell => {
    const own = selectResults(cell, results);
    const reasons = own.flatMap(result => (result.state === 'invalid' ? [result.reason] : []));
    return [...Map.groupBy(reasons, ({ kind }) => kind).values()].map(alike => ({
      kind: alike[0]?.kind,
      last: alike.at(-1),
      count: `${alike.length} of ${own.length} of ${cellName(cell)}`,
    }));
  });
  for (const cells of Map.groupBy(invalid, ({ kind }) => kind).values()) {
    const last = cells.at(-1)?.last;
    const counts = cells.map(({ count }) => count).join(', ');
    if (last)
      yield { kind: 'invalid-trials', message: `Invalid trials: ${counts}. ${explainInvalid(last, experiment)}` };
  }
}

function* warnOfPrecision(experiment: Experiment, results: readonly TrialResult[]): Generator<Warning> {
  const { precision } = experiment;
  if (precision === undefined) return;
  const blocks = Math.max(0, ...results.map(({ trial }) => trial.block));
  const missed = listContenders(results, experiment).flatMap(cell => {
    const reached = measurePrecision(readCell(cell, results, experiment));
    const shown = Number.isFinite(reached) ? `± ${percent(reached)}` : 'unknown';
    return reached > precision ? [`${cellName(cell)} ${shown}`] : [];
  });
  const asked = `± ${percent(precision)} (95 %, between blocks)`;
  const found =
    missed.length === 0
      ? `Every capacity is within ${asked} after ${blocks} blocks.`
      : `Not every capacity is within ${asked} after ${blocks} blocks, of ${MOST_BLOCKS} at most: ${missed.join(', ')}.`;
  const rest = 'The intervals are wider by the error of the queue model, which more blocks do not reduce.';
  yield { kind: 'precision', message: `${found} ${rest}` };
}

function* warnOfMachine(results: readonly TrialResult[]): Generator<Warning> {
  const measurements = results.flatMap(result => (result.state === 'failed' ? [] : [result.measurement]));
  const share = Math.max(0, ...measurements.map(({ cpuShare }) => cpuShare.k6));
  if (share > NOTABLE_GENERATOR) {
    const message = `k6 used up to ${percent(share)} of the CPUs that it shares with the service: on a larger machine capacities are higher.`;
    yield { kind: 'generator-share', message };
  }
  const others = Math.max(0, ...measurements.map(computeOthersShare));
  if (others > NOTABLE_OTHERS) {
    const message = `Other programs used up to ${percent(others)} of the CPUs during a trial: end them, and repeat the comparison.`;
    yield { kind: 'other-programs', message };
  }
  const steal = Math.max(0, ...measurements.map(measurement => measurement.steal));
  if (steal > NOTABLE_STEAL) {
    const message = `Other guests of this machine's host took up to ${percent(steal)} of the CPU time: repeat the comparison at another time.`;
    yield { kind: 'steal', message };
  }
}

/** Says what made a trial invalid, and what to do about it, by what has been done already: two sentences. */
export function explainInvalid(
  reason: InvalidReason,
  { objective, validity, cpus }: Pick<Experiment, 'objective' | 'validity' | 'cpus'>,
): string {
  const isCalibrated = validity !== undefined;
  const moreCpus =
    cpus < 4
      ? `On ${cpus === 1 ? 'one CPU' : `${cpus} CPUs`} k6 and the service share them: a machine with at least 4 carries more load.`
      : 'See that no other program runs, and that k6 may use its CPUs (taskset, cgroups).';
  switch (reason.kind) {
    case 'never-sent':
      return `k6 fell so far behind that ${arrivals(reason.arrivals)} could not be sent at all. ${moreCpus}`;
    case 'out-of-connections':
      return `k6 had no connection left for ${arrivals(reason.arrivals)}. Raise the limit of open files (ulimit -n 65536; in containers OPEN_FILES=65536), and see that no other program holds thousands of connections.`;
    case 'schedule-lag': {
      const found = `k6 was ${milliseconds(reason.p99)} ms late for one arrival in a hundred, and ${milliseconds(reason.limit)} ms are allowed.`;
      const advice = isCalibrated
        ? `It is punctual here on a quiet machine: end other programs, or ask for an objective above ${milliseconds(objective.responseTime)} ms.`
        : 'Run ./loadline calibrate to see how punctual it can be here, and end other programs.';
      return `${found} ${advice}`;
    }
    case 'generator-cpu':
      return `k6 used ${percent(reason.share)} of the CPUs, more than all that it measures. ${moreCpus}`;
    case 'control-lost':
      return 'The load ended itself because the lab did not answer k6 for seconds. The whole machine paused: see that it does not sleep or swap, and repeat.';
    case 'completions-differ':
      return `k6 counted ${reason.succeeded} successes of ${reason.sent} requests, and the workers completed ${reason.byWorkers}. Another client sends to them, or another server answers on their ports: stop it, then repeat.`;
    case 'littles-law':
      return `Requests in progress add up to ${rounded(reason.overTime)} s as k6 sampled them, and to ${rounded(reason.overRequests)} s by their response times. One of the two is wrong, as after a pause of the machine: repeat the trial where the machine does not sleep.`;
    case 'other-deployment-at-work':
      return `${reason.name}, which should have been idle, ${reason.completed === undefined ? '' : `completed ${reason.completed} requests and `}kept ${rounded(reason.cpus)} CPUs busy. Stop other clients of this deployment, then repeat.`;
    case 'machine-disturbed': {
      const found = `Other programs used ${percent(reason.others)} of the CPUs, and the host stole ${percent(reason.steal)} of their time.`;
      const advice = isCalibrated
        ? 'The calibration of this machine found less: end other programs, or measure when its neighbours are quiet.'
        : 'End other programs; if it is always so here, ./loadline calibrate finds this machine’s own level.';
      return `${found} ${advice}`;
    }
  }
}

function arrivals(count: number): string {
  return count === 1 ? 'one arrival' : `${count} arrivals`;
}
