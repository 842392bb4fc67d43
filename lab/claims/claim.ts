import type { Cell, ClaimId, Experiment, Trial } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';

/** Whether a statement holds: `not shown` when its interval holds the line; `unmeasured` when there is no interval. */
export type Decision = 'supported' | 'refuted' | 'not shown' | 'unmeasured';

/** A number that a verdict rests on; low and high hold it with the confidence of all claims together. */
export interface Figure {
  readonly label: string;
  /** `''`: a plain number. */
  readonly unit: string;
  readonly estimate: number;
  readonly low?: number;
  readonly high?: number;
}

/** What the measurements say about a statement of the article. */
export interface ClaimVerdict {
  readonly id: ClaimId;
  /** The statement. */
  readonly claim: string;
  readonly verdict: Decision;
  /** Why, in a sentence with its numbers. */
  readonly sentence: string;
  readonly figures: readonly Figure[];
  /** What was done in place of what the claim asks, because the machine is too small for that. */
  readonly instead?: string;
}

/** A verdict without the claim that it is about. */
export type Judgement = Omit<ClaimVerdict, 'id' | 'claim'>;

/** A trial as its claim describes it: `part` is what the claim calls it, the same in every block. */
export type ClaimPart = Pick<Trial, 'cell' | 'load' | 'phases'> & { readonly part: string };

/** What plans and judgements are made of. */
export interface Evidence {
  readonly experiment: Experiment;
  readonly results: readonly TrialResult[];
}

/** A statement of the article as an experiment. */
export interface Claim {
  readonly id: ClaimId;
  readonly claim: string;
  /** Blocks for each one of the experiment; absent: 1. A line that is close is only decided by many. */
  readonly blocksEach?: number;
  /** What the search must find the capacity of before the claim can be judged. */
  cells(machine: Pick<Experiment, 'cpus'>): Cell[];
  /** What is measured once, before its blocks, because they depend on it. */
  look?(evidence: Evidence): ClaimPart[];
  /** What is measured in every block; empty when what it depends on is not there. */
  parts(evidence: Evidence): ClaimPart[];
  judge(evidence: Evidence): Judgement;
}
