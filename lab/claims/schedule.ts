import { type Cell, type ClaimId, cellName, type Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { culpritOf } from '../search/load-curve.ts';
import type { PlannedTrial } from '../search/trial-plan.ts';
import { type ClaimPart, Evidence } from './claim.ts';
import { claims } from './claims.ts';

/** Claims whose deployments run together: few starts, and about thirty processes at most. C3, C4 and C12 need only capacities. */
const STACKS: readonly (readonly ClaimId[])[] = [['C1', 'C2', 'C5', 'C6'], ['C7'], ['C8', 'C9'], ['C10', 'C11']];

/** Blocks that are added at most for a claim that lost trials. */
const MOST_ADDED = 2;

/** The cells whose capacity the claims of an experiment need and that it does not have. */
export function claimCells(experiment: Pick<Experiment, 'claims' | 'cells' | 'cpus'>): Cell[] {
  const wanted = experiment.claims.flatMap(id => claims[id].cells?.(experiment) ?? []);
  const lacking = new Map(wanted.map(cell => [cellName(cell), cell]));
  for (const cell of experiment.cells) lacking.delete(cellName(cell));
  return [...lacking.values()];
}

/**
 * The next block of the claims' own trials; empty when they have all that they can have. Call it when the capacities are
 * known. Claims of one stack are measured in the same blocks, and the stacks take turns, so that a slow hour of the
 * machine affects them all.
 */
export function claimTrials(experiment: Experiment, results: readonly TrialResult[]): PlannedTrial[] {
  // One start of the workers cannot show how much the next one differs.
  if (experiment.blocks === 1) return [];
  const stacks = STACKS.map(ids => {
    const evidence = ids.filter(id => experiment.claims.includes(id)).map(id => new Evidence(id, experiment, results));
    return {
      made: countBlocks(evidence.flatMap(one => one.own())),
      planned: evidence.flatMap(one =>
        nextParts(one).map(
          ({ part, ...trial }): PlannedTrial => ({ ...trial, purpose: 'claim', claim: { id: one.id, part } }),
        ),
      ),
    };
  }).filter(({ planned }) => planned.length > 0);
  return stacks.toSorted((a, b) => a.made - b.made)[0]?.planned ?? [];
}

function nextParts(evidence: Evidence): readonly ClaimPart[] {
  const { look, parts, blocksEach = 1 } = claims[evidence.id];
  const looks = look?.(evidence) ?? [];
  const names = new Set(looks.map(({ part }) => part));
  const isLook = ({ trial }: TrialResult) => names.has(trial.claim?.part ?? '');
  const unseen = looks.filter(({ part }) => evidence.completed(part).length === 0);
  if (unseen.length > 0 && countBlocks(evidence.own().filter(isLook)) <= MOST_ADDED) return unseen;

  const measured = evidence.own().filter(result => !isLook(result));
  const made = countBlocks(measured);
  const wanted = evidence.experiment.blocks * blocksEach;
  const isEnough = made - countBlocks(measured.filter(isWorthRepeating)) >= wanted || made >= wanted + MOST_ADDED;
  return isEnough ? [] : (parts?.(evidence) ?? []);
}

/** Whether a repetition may succeed; with a slow generator it will not. */
function isWorthRepeating(result: TrialResult): boolean {
  return result.state === 'failed' || (result.state === 'invalid' && culpritOf(result.reason) !== 'generator');
}

function countBlocks(results: readonly TrialResult[]): number {
  return new Set(results.map(({ trial }) => trial.block)).size;
}
