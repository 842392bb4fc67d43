import type { ClaimId, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { LEAST_BLOCKS } from '../search/capacity.ts';
import { allCpusOrOne, moreWhenWaiting, sameWhenComputing } from './capacity-claims.ts';
import { type Claim, type ClaimVerdict, decideAll, Evidence, type Judgement } from './claim.ts';
import { claimTexts } from './demonstration.ts';
import { connectionsLimitLoops, memoryStopsWorkers, switchingShowsAtHighConcurrency } from './resource-claims.ts';
import {
  computingHoldsUpTheLoop,
  noAdvantageWhenQuiet,
  poolServesItsWorkers,
  rightNumberOfWorkers,
  singleRequestsNoFaster,
  wavesOrAtOnce,
} from './response-claims.ts';

/** The statements of the article as experiments. */
export const claims: Readonly<Record<ClaimId, Claim>> = {
  C1: poolServesItsWorkers,
  C2: wavesOrAtOnce,
  C3: sameWhenComputing,
  C4: moreWhenWaiting,
  C5: noAdvantageWhenQuiet,
  C6: singleRequestsNoFaster,
  C7: memoryStopsWorkers,
  C8: connectionsLimitLoops,
  C9: computingHoldsUpTheLoop,
  C10: rightNumberOfWorkers,
  C11: switchingShowsAtHighConcurrency,
  C12: allCpusOrOne,
};

/** What the results say about each claim of the experiment. */
export function claimVerdicts(experiment: Experiment, results: readonly TrialResult[]): ClaimVerdict[] {
  return experiment.claims.map(id => ({
    id,
    claim: claimTexts[id].statement,
    ...judgeClaim(new Evidence(id, experiment, results)),
  }));
}

function judgeClaim(evidence: Evidence): Judgement {
  const claim = claims[evidence.id];
  const { partial = false, decisions = [], figures: all, ...judgement } = claim.judge(evidence);
  const verdict = decideAll([...decisions, ...all.flatMap(({ decision }) => decision ?? [])]);
  const figures = all.flatMap(({ decision: _, ...figure }) => (Number.isFinite(figure.estimate) ? [figure] : []));
  if (verdict !== 'unmeasured' || partial) return { verdict, ...judgement, figures };
  return { verdict, sentence: describeLack(claim, evidence), figures };
}

function describeLack({ parts }: Claim, evidence: Evidence): string {
  if (parts === undefined) return `It takes capacities in at least ${LEAST_BLOCKS} blocks, which are not known.`;
  const own = evidence.own();
  const lost = own.flatMap(result => {
    if (result.state === 'completed') return [];
    return [result.state === 'invalid' ? result.reason.kind : result.error.code];
  });
  const kinds = lost.length === 0 ? '' : ` (${[...new Set(lost)].join(', ')})`;
  const made =
    own.length === 0 ? 'it has no trial' : `of its ${own.length} trials ${lost.length} came to nothing${kinds}`;
  return `It takes at least two blocks with all of its parts; ${made}.`;
}
