import type { Deployment } from '../../../model/deployment.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Sweep } from '../../plan/sweep.ts';
import type { Supposed } from '../../plan/what-if.ts';

/** All that is answered to a question; `--json` prints it, with null where there is no limit. */
export interface PlanAnswer {
  readonly schema: 1;
  readonly plan: Plan;
  /** Of all that was asked, whether somewhere the objective is met. */
  readonly met: boolean;
  /** Where nothing meets the objective: what comes nearest. */
  readonly nearest?: Nearest;
  /** What should be known before the answer is believed. */
  readonly warnings: readonly string[];
  readonly whatIf?: readonly Supposed[];
  readonly sweep?: Sweep;
}

/** The deployment that carries most of those that carry too little, on one machine. */
export interface Nearest {
  readonly deployment: Deployment;
  readonly capacity: number;
  readonly reason: string;
}

/** How an answer is laid out. */
export interface TextOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** What the run was called by who asked: for commands that are told. */
  readonly run?: string;
}
