import { deploymentName } from '../../model/deployment.ts';
import { areLimitedAlike, type Cell, cellName, type Experiment, isArticleSize } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Fraction } from '../../model/quantities.ts';
import { CONFIDENCE, type Interval, normalQuantile, pairedRatio } from '../../model/statistics.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { blockEstimates, LEAST_BLOCKS, sharedDeviation } from '../search/capacity.ts';
import { bestSizes, type Equality, findFairReadings } from '../search/contenders.ts';

/** Capacity of one deployment ÷ that of another, and in what the two are equal. */
export interface Ratio extends Interval {
  readonly workload: string;
  /** Topologies. */
  readonly of: string;
  readonly to: string;
  readonly ofDeployment: string;
  readonly toDeployment: string;
  readonly reading: Equality | "the article's sizes" | 'best sizes';
  /** Blocks that both were measured in. */
  readonly blocks: number;
}

/**
 * The ratios of an experiment with blocks: of a non-blocking to a blocking topology in all three readings or none, of two
 * of a kind in the article's sizes, and of best sizes, which the first block chooses and all blocks estimate.
 */
export function estimateRatios(results: readonly TrialResult[], experiment: Experiment): Ratio[] {
  // The rounds of a search on workers that were started once are no blocks.
  if (experiment.blocks < LEAST_BLOCKS) return [];
  const measured = (pairs: readonly Pair[]) => pairs.flatMap(pair => measuredRatio(pair, results, experiment));
  const fair = [...Map.groupBy(findFairReadings(results, experiment), ({ of }) => cellName(of)).values()].flatMap(
    readings => {
      const ratios = measured(readings);
      // One or two of three readings would be a choice of configuration again.
      return ratios.length === readings.length ? ratios : [];
    },
  );
  const best = bestPairs(results, experiment).filter(
    ({ of, to }) => isOfAKind(of, to) || fair.some(({ workload }) => workload === of.workload.name),
  );
  return [...fair, ...measured(pairsOfAKind(experiment)), ...measured(best)];
}

function measuredRatio({ reading, of, to }: Pair, results: readonly TrialResult[], experiment: Experiment): Ratio[] {
  const ratio = capacityRatio(of, to, results, experiment);
  if (ratio === undefined) return [];
  const pair = { of: of.deployment.topology, to: to.deployment.topology };
  const deployments = { ofDeployment: deploymentName(of.deployment), toDeployment: deploymentName(to.deployment) };
  return [{ workload: of.workload.name, ...pair, ...deployments, reading, ...ratio }];
}

/** Capacity of `of` ÷ that of `to`, paired by block; `undefined` when they have fewer than four blocks in common. */
export function capacityRatio(
  of: Cell,
  to: Cell,
  results: readonly TrialResult[],
  experiment: Experiment,
  confidence: Fraction = CONFIDENCE,
): (Interval & { readonly blocks: number }) | undefined {
  const [ofBlocks, toBlocks] = [of, to].map(cell => blockEstimates(cell, results, experiment));
  if (ofBlocks === undefined || toBlocks === undefined) return undefined;
  const blocks = [...ofBlocks.keys()].filter(block => toBlocks.has(block)).length;
  if (blocks < LEAST_BLOCKS) return undefined;
  const paired = pairedRatio(ofBlocks, toBlocks, confidence);
  const shared =
    normalQuantile((1 + confidence) / 2) *
    Math.hypot(...[of, to].map(cell => sharedDeviation(cell, results, experiment)));
  return {
    estimate: paired.estimate,
    low: paired.estimate / Math.exp(Math.hypot(Math.log(paired.estimate / paired.low), shared)),
    high: paired.estimate * Math.exp(Math.hypot(Math.log(paired.high / paired.estimate), shared)),
    blocks,
  };
}

interface Pair {
  readonly reading: Ratio['reading'];
  readonly of: Cell;
  readonly to: Cell;
}

/** The article's sizes of two topologies that both block, or both do not. */
function pairsOfAKind(experiment: Experiment): Pair[] {
  const cells = experiment.cells.filter(cell => isArticleSize(cell, experiment));
  return listPairs(cells)
    .filter(({ of, to }) => isOfAKind(of, to))
    .map(pair => ({ reading: "the article's sizes", ...pair }));
}

function isOfAKind(of: Cell, to: Cell): boolean {
  return isConcurrencyLimited(of.deployment.spec) === isConcurrencyLimited(to.deployment.spec);
}

function bestPairs(results: readonly TrialResult[], experiment: Experiment): Pair[] {
  if (experiment.sizes !== 'best') return [];
  const cells = bestSizes(results, experiment);
  return listPairs(cells).map(pair => ({ reading: 'best sizes', ...pair }));
}

/** Every two cells of one workload with the same limits: the later in the experiment to the earlier. */
function listPairs(cells: readonly Cell[]): { of: Cell; to: Cell }[] {
  return cells.flatMap((of, index) =>
    cells
      .slice(0, index)
      .filter(to => to.workload.name === of.workload.name && areLimitedAlike(to, of))
      .map(to => ({ of, to })),
  );
}
