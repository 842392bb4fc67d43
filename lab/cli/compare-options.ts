import { LoadlineError } from '../../model/errors.ts';
import type { Experiment } from '../../model/experiment.ts';
import { type Fraction, parseDuration, parseNumber, parsePercent, type Seconds } from '../../model/quantities.ts';
import { LEAST_BLOCKS } from '../search/capacity.ts';

/** What `loadline compare` is told beside its experiment, as it was typed. */
export interface CompareOptions {
  readonly quick?: boolean;
  readonly seed?: string;
  readonly budget?: string;
  readonly only?: string;
  readonly resume?: string;
  readonly json?: boolean;
  readonly runs?: string;
  readonly runtime?: string;
  readonly cpus?: string;
  readonly threads?: string;
  readonly model?: string;
  readonly precision?: string;
}

/** What takes the place of something in an experiment. */
export function changesOf({ seed, budget, only }: CompareOptions): {
  seed?: number;
  budget?: Seconds;
  only?: string[];
} {
  return {
    ...(seed !== undefined && { seed: seedFrom(seed) }),
    ...(budget !== undefined && { budget: budgetFrom(budget) }),
    ...(only !== undefined && { only: wordsFrom(only) }),
  };
}

/** The longest that an experiment can last: what is simulated takes no time of anybody's. */
const LONGEST: Seconds = 86_400;

/** The experiment, simulated as often as it takes for the precision that was asked for, here or in its file. */
export function withPrecision(experiment: Experiment, { precision, budget, runtime }: CompareOptions): Experiment {
  const blocks = Math.max(LEAST_BLOCKS, experiment.blocks);
  if (precision === undefined) {
    return experiment.precision === undefined || runtime !== 'simulated' ? experiment : { ...experiment, blocks };
  }
  if (runtime !== 'simulated') {
    throw new LoadlineError('usage', '--precision is for what is simulated: --runtime simulated --precision 2%.');
  }
  if (!experiment.capacity) {
    throw new LoadlineError('usage', `--precision is of capacities, which ${experiment.name} does not ask for.`);
  }
  return {
    ...experiment,
    precision: precisionFrom(precision),
    blocks,
    budget: budget === undefined ? LONGEST : experiment.budget,
  };
}

function precisionFrom(text: string): Fraction {
  // A bare number is a percentage here.
  const fraction = parsePercent(text) ?? parsePercent(`${text}%`) ?? 0;
  if (fraction >= 0.001 && fraction <= 0.5) return fraction;
  throw new LoadlineError('usage', `--precision is ${text}; it can be from 0.1% to 50%, such as 2%.`);
}

function seedFrom(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new LoadlineError('usage', `--seed is ${text}, not a whole number of at most nine digits.`);
}

function budgetFrom(text: string): Seconds {
  const seconds = parseDuration(text) ?? parseNumber(text) ?? 0;
  if (seconds >= 1 && seconds <= 86_400) return seconds;
  throw new LoadlineError('usage', `--budget is ${text}; it can be 10m, 90s or 1h, or seconds, from 1s to 24h.`);
}

function wordsFrom(text: string): string[] {
  const words = text.split(',').map(word => word.trim());
  if (words.every(word => word !== '')) return words;
  throw new LoadlineError('usage', `--only is "${text}"; it takes words with commas between them: --only hybrid,wait`);
}
