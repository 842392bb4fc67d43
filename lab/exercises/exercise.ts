import type { TrialResult } from '../../model/measurement.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import type { AnswerUnit } from './quantity.ts';
import type { TrialFacts } from './trial-facts.ts';

/** An exercise in capacity planning: pure, and every number in it comes from its own question or from a trials file. */
export interface Exercise {
  readonly number: number;
  /** Of its page: `01-four-clerks`. */
  readonly name: string;
  readonly title: string;
  readonly unit: AnswerUnit;
  readonly asked: (facts: TrialFacts) => Asked;
  /** Each says more than the one before; none says the answer. */
  readonly hints: readonly string[];
  readonly answer: (facts: TrialFacts) => RightAnswer;
  readonly measurement: StackMeasurement | NothingToMeasure;
}

/** What is asked, and what with. */
export interface Asked {
  /** Paragraphs; the last one is the question. */
  readonly question: readonly string[];
  readonly given: readonly Given[];
}

/** A figure that the answer needs: what it is, and its value as it is shown. */
export interface Given {
  readonly what: string;
  readonly value: string;
}

/** The right answer, and the way to it. */
export interface RightAnswer {
  /** In the unit of the exercise: seconds, per second, bytes, or a number. */
  readonly value: number;
  /** What is right too: so far off, for who rounds on the way; 0 for what is counted. */
  readonly tolerance: Fraction;
  /** Where a model cannot tell several numbers apart: all that are right, the value among them, in growing order. */
  readonly accepted?: readonly number[];
  /** The model with its numbers, a sentence or a formula a line. */
  readonly steps: readonly string[];
  readonly models: readonly Model[];
  /** Answers that are wrong in a way that is known. */
  readonly mistakes: readonly Mistake[];
}

/** A formula or a program of the lab, in the file where it is explained. */
export interface Model {
  readonly name: string;
  /** From the root of the checkout. */
  readonly file: string;
}

/** A wrong answer that is often given. */
export interface Mistake {
  readonly value: number;
  /** What was probably forgotten; it does not say the answer. */
  readonly hint: string;
}

/** How the answer can be held against the stack. */
export interface StackMeasurement {
  /** What is measured in place of what was asked. */
  readonly what: string;
  /** About so long, beside the start of the stack. */
  readonly lasts: Seconds;
  /** Whether its loads are what the measured machine carries: on another one it may well come out otherwise. */
  readonly isOfMachine?: boolean;
  /** As an experiment file has it. */
  readonly experiment: (facts: TrialFacts) => ExperimentText;
  readonly read: (results: readonly TrialResult[], facts: TrialFacts) => Agreement;
}

/** An experiment before it is parsed, which checks it: JSON is YAML too. */
export type ExperimentText = Readonly<Record<string, unknown>>;

/** How what was measured agrees with the answer. */
export interface Agreement {
  readonly sentences: readonly string[];
  readonly agrees: boolean;
}

/** Why the stack has nothing to say to an exercise. */
export interface NothingToMeasure {
  readonly nothing: string;
}
