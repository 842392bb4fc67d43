import type { ClaimId, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { c1 } from './c1-a-pool-serves-as-many-as-it-has-workers.ts';
import { c2 } from './c2-four-at-a-time-or-all-at-once.ts';
import { c3 } from './c3-the-same-with-cpu-bound-work.ts';
import { c4 } from './c4-async-serves-more-when-requests-wait.ts';
import { c5 } from './c5-no-advantage-without-high-load.ts';
import { c6 } from './c6-single-requests-are-no-faster.ts';
import { c7 } from './c7-memory-is-what-stops-blocking-workers.ts';
import { c8 } from './c8-database-connections-limit-async.ts';
import { c9 } from './c9-a-task-that-keeps-the-cpu-holds-up-its-loop.ts';
import { c10 } from './c10-the-right-number-of-workers.ts';
import { c11 } from './c11-switching-shows-at-high-concurrency.ts';
import { c12 } from './c12-a-pool-over-all-cpus-uses-them.ts';
import type { Claim, ClaimVerdict } from './claim.ts';

const claims: Readonly<Record<ClaimId, Claim>> = {
  C1: c1,
  C2: c2,
  C3: c3,
  C4: c4,
  C5: c5,
  C6: c6,
  C7: c7,
  C8: c8,
  C9: c9,
  C10: c10,
  C11: c11,
  C12: c12,
};

/** The claim of that name. */
export function claimOf(id: ClaimId): Claim {
  return claims[id];
}

/** What the results say about each claim that the experiment puts to the test. */
export function claimVerdicts(experiment: Experiment, results: readonly TrialResult[]): ClaimVerdict[] {
  return experiment.claims.map(id => {
    const { claim, judge } = claimOf(id);
    return { id, claim, ...judge({ experiment, results }) };
  });
}
