import type { Deployment } from '../../model/deployment.ts';
import type { Objective, Phases, Workload } from '../../model/experiment.ts';
import { countOverObjective } from '../../model/histogram.ts';
import type { Measurement, TrialResult } from '../../model/measurement.ts';
import type { Bytes, Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import type { AnswerUnit, RightAnswer } from './answer.ts';
import type { TrialFacts } from './trial-facts.ts';

/** An exercise in capacity planning. Every number comes from its question or from a trials file. */
export interface Exercise {
  readonly number: number;
  /** The name of its page: `01-four-clerks`. */
  readonly name: string;
  readonly title: string;
  readonly unit: AnswerUnit;
  /** Each says more than the one before; none says the answer. */
  readonly hints: readonly string[];
  readonly asked: (facts: TrialFacts) => Asked;
  readonly answer: (facts: TrialFacts) => ExplainedAnswer;
  readonly measurement: StackMeasurement | NothingToMeasure;
}

interface Asked {
  /** Paragraphs; the last one is the question. */
  readonly question: readonly string[];
  /** The figures that the answer needs. */
  readonly given: readonly { readonly what: string; readonly value: string }[];
}

export interface ExplainedAnswer extends RightAnswer {
  /** The solution with its numbers, a sentence or a formula per line. */
  readonly steps: readonly string[];
  /** Where the formulas are explained, from the root of the checkout. */
  readonly models: readonly { readonly name: string; readonly file: string }[];
}

export interface MeasurementSummary {
  readonly what: string;
  /** Roughly, without the start of the stack. */
  readonly lasts: Seconds;
  /** The loads fit the machine that was measured; on another machine the result may differ. */
  readonly isOfMachine?: boolean;
}

/** How the stack can confirm the answer. */
export interface StackMeasurement extends MeasurementSummary {
  /** An experiment file's content before it is parsed. */
  readonly experiment: (facts: TrialFacts) => Readonly<Record<string, unknown>>;
  readonly read: (results: readonly TrialResult[], facts: TrialFacts) => Agreement;
}

/** Why the stack cannot confirm the answer. */
export interface NothingToMeasure {
  readonly nothing: string;
}

/** Whether the measurement confirms the answer. */
export interface Agreement {
  readonly sentences: readonly string[];
  readonly agrees: boolean;
}

/** A named number of an exercise: its texts show it, and a mistake may be equal to it. */
export type NamedFigure = number | string | { readonly value: number; readonly unit: AnswerUnit };

/** The numbers behind the texts of an exercise in `exercises.json`. */
export interface Solution {
  readonly value: number;
  /** Accepted relative error; 0 if absent. */
  readonly tolerance?: Fraction;
  readonly accepted?: readonly number[];
  /** By the name in braces. A text with an undefined figure is left out; a list makes a line of each item. */
  readonly figures: Readonly<Record<string, NamedFigure | readonly NamedFigure[] | undefined>>;
  readonly measure?: SolutionMeasurement;
}

interface SolutionMeasurement {
  readonly phases?: Pick<Phases, 'warmUp' | 'steadyState'>;
  readonly objective?: Partial<Objective>;
  /** The measured waits if absent. */
  readonly workload?: Workload;
  readonly deployments: readonly Partial<Omit<Deployment, 'spec'>>[];
  /** Arrival rates, users or bursts, as an experiment file has them. */
  readonly loads: readonly (PerSecond | { readonly users: number } | { readonly burst: number })[];
  /** Only the first so many trials must be free of failures; all if absent. */
  readonly mustSucceed?: number;
  /** Gets a measurement of each deployment at each load, in their order. */
  readonly read: (measurements: readonly [Measurement, ...Measurement[]]) => MeasuredAnswer;
}

/** What was measured: a value that may differ from the answer by `within` of it, or whether it agrees by another rule. */
type MeasuredAnswer = Pick<Solution, 'figures'> &
  ({ readonly measured: number; readonly within: Fraction } | { readonly agrees: boolean });

export const seconds = (value: Seconds): NamedFigure => ({ value, unit: 's' });
export const perSecond = (value: PerSecond): NamedFigure => ({ value, unit: '/s' });
export const memory = (value: Bytes): NamedFigure => ({ value, unit: 'B' });

/** The fraction of responses over the objective; 1 if there was none. */
export function fractionOver({ responseTime }: Measurement): Fraction {
  return responseTime.count === 0 ? 1 : countOverObjective(responseTime) / responseTime.count;
}

/** When the last response of a burst came; NaN if a request has none. */
export function lastResponse({ responses = [] }: Measurement, requests: number): Seconds {
  return responses.length < requests ? Number.NaN : Math.max(...responses.map(({ responseTime }) => responseTime));
}
