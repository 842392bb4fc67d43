import { type Cell, type ClaimId, cellName, type Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { culpritOf } from '../search/load-curve.ts';
import type { PlannedTrial } from '../search/trial-plan.ts';
import type { Claim, ClaimPart, Evidence } from './claim.ts';
import { claimOf } from './list.ts';

/**
 * Claims whose deployments are up together: as few starts as can be, and no more than some thirty processes at a time.
 * C3, C4 and C12 need capacities alone.
 */
const STACKS: readonly (readonly ClaimId[])[] = [['C1', 'C2', 'C5', 'C6'], ['C7'], ['C8', 'C9'], ['C10', 'C11']];

/** Blocks that are added for a claim of which trials came to nothing. */
const MOST_ADDED = 2;

/** The cells whose capacity the claims of an experiment need and that it does not have. */
export function claimCells(experiment: Pick<Experiment, 'claims' | 'cells' | 'cpus'>): Cell[] {
  const wanted = experiment.claims.flatMap(id => claimOf(id).cells(experiment));
  const lacking = new Map(wanted.map(cell => [cellName(cell), cell]));
  for (const cell of experiment.cells) lacking.delete(cellName(cell));
  return [...lacking.values()];
}

/**
 * The next block of the trials that claims ask for beside capacities; empty when they have all that they can have. To
 * be called when the capacities are known. Claims whose deployments are up together are measured in the same blocks, and the
 * stacks take turns, so that a slow hour of the machine hits them all.
 */
export function claimTrials(experiment: Experiment, results: readonly TrialResult[]): PlannedTrial[] {
  // One start of the workers cannot show how much the next one differs.
  if (experiment.blocks === 1) return [];
  const evidence = { experiment, results };
  const stacks = STACKS.map(ids => {
    const claims = ids.filter(id => experiment.claims.includes(id)).map(claimOf);
    return { made: blocksOf(ids, results).size, planned: claims.flatMap(claim => plannedFor(claim, evidence)) };
  }).filter(({ planned }) => planned.length > 0);
  return stacks.toSorted((a, b) => a.made - b.made)[0]?.planned ?? [];
}

function plannedFor(claim: Claim, evidence: Evidence): PlannedTrial[] {
  return nextParts(claim, evidence).map(({ part, ...trial }) => ({
    ...trial,
    purpose: 'claim',
    claim: { id: claim.id, part },
  }));
}

function nextParts(claim: Claim, evidence: Evidence): readonly ClaimPart[] {
  const { experiment, results } = evidence;
  const own = results.filter(({ trial }) => trial.claim?.id === claim.id);
  const looks = claim.look?.(evidence) ?? [];
  const isLook = ({ trial }: TrialResult) => looks.some(({ part }) => part === trial.claim?.part);
  const lookedAt = own.filter(isLook);
  const unseen = looks.filter(
    ({ part }) => !lookedAt.some(({ state, trial }) => state === 'completed' && trial.claim?.part === part),
  );
  if (unseen.length > 0 && blocksOf([claim.id], lookedAt).size <= MOST_ADDED) return unseen;

  const measured = own.filter(result => !isLook(result));
  const made = blocksOf([claim.id], measured);
  const spoilt = blocksOf([claim.id], measured.filter(isSpoilt));
  const wanted = experiment.blocks * (claim.blocksEach ?? 1);
  const isEnough = made.size - spoilt.size >= wanted || made.size >= wanted + MOST_ADDED;
  return isEnough ? [] : claim.parts(evidence);
}

/** A trial that may do better next time; where the generator gave out it will again. */
function isSpoilt(result: TrialResult): boolean {
  return result.state === 'failed' || (result.state === 'invalid' && culpritOf(result.reason) !== 'generator');
}

function blocksOf(ids: readonly ClaimId[], results: readonly TrialResult[]): Set<number> {
  const own = results.filter(({ trial }) => trial.claim !== undefined && ids.includes(trial.claim.id));
  return new Set(own.map(({ trial }) => trial.block));
}
