import { cellName } from '../experiment/cell.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { TrialResult } from '../experiment/trial-result.ts';
import { capacityOf } from './capacity.ts';
import { LEAST_BLOCKS } from './capacity-interval.ts';
import { hintOf } from './invalid-hints.ts';
import { resultsOf } from './load-curve.ts';
import { percent, rounded } from './numbers.ts';
import { othersShareOf } from './saturation.ts';

/** Something that a reader of a comparison must know. */
export interface Warning {
  readonly kind:
    | 'cut-off'
    | 'budget-used-up'
    | 'no-ratios'
    | 'wide-interval'
    | 'invalid-trials'
    | 'generator-share'
    | 'other-programs'
    | 'steal';
  readonly message: string;
}

/** High ÷ low above which an interval says little. */
const WIDE = 1.3;
/** Of the machine's CPU time: less is not worth a word. */
const NOTABLE_STEAL = 0.02;
/** Of the machine's CPU time, beside what kernel and lab need. */
const NOTABLE_OTHERS = 0.2;

/** What to know before believing a comparison; each says what to do about it. */
export function warningsOf(experiment: Experiment, results: readonly TrialResult[]): Warning[] {
  const ratios = experiment.blocks < LEAST_BLOCKS ? [noRatios] : [];
  return [...cellWarnings(experiment, results), ...machineWarnings(results), ...ratios];
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
    const invalid = own.flatMap(result => (result.state === 'invalid' ? [result.reason] : []));
    if (invalid.length > 0) {
      // The last of each kind: what was true when the search went on, or gave up.
      const hints = [...new Map(invalid.map(reason => [reason.kind, hintOf(reason, experiment)])).values()];
      const message = `${invalid.length} of ${own.length} trials of ${cellName(cell)} were invalid: ${hints.join(' ')}`;
      yield { kind: 'invalid-trials', message };
    }
  }
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
