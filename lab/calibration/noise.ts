import { deploymentOf } from '../../model/deployment.ts';
import type { Cell, Trial } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { geometricInterval, mean, pairedRatio } from '../../model/statistics.ts';
import type { Runtime } from '../run/runtime.ts';
import { ANY_MACHINE } from '../run/validity.ts';
import { computeOthersShare } from '../search/saturation.ts';
import { seededRandom, shuffled } from '../search/seeded.ts';
import type { NoiseFound } from './calibration.ts';
import { OBJECTIVE } from './instrument.ts';

/** How often the workers are restarted, and how often each of two equal deployments is measured in between. */
export const BLOCKS = 5;
const REPEATS = 2;

/** Long enough to be clear of the granularity of clocks, and as short as a step of a search at most. */
const phases = { warmUp: 0.5, steadyState: 3, timeLimit: 2.5 };
/** Seconds that a block takes, nearly. */
export const BLOCK_LENGTH: Seconds = 2 * REPEATS * (phases.warmUp + phases.steadyState + 0.8) + 10;
/** Users without think time who keep every CPU busy, so that throughput is the machine's speed. */
const USERS_PER_CPU = 8;

/** What one trial found. */
interface SpeedMeasured {
  readonly block: number;
  /** Which of the two equal deployments. */
  readonly cell: number;
  /** At saturation. */
  readonly throughput: PerSecond;
  readonly steal: Fraction;
  readonly others: Fraction;
  /** p99. */
  readonly scheduleLag: Seconds;
}

/** Measures two equal deployments side by side, in blocks that restart their workers. */
export async function measureSpeeds(
  runtime: Runtime,
  seed: number,
  { signal, onBlock }: { signal: AbortSignal; onBlock: (block: number) => void },
): Promise<SpeedMeasured[]> {
  const cells = equalCells(runtime.availableCpus);
  const deployments = cells.map(({ deployment }) => deployment);
  const turns = cells.flatMap((cell, index) => Array.from({ length: REPEATS }, () => ({ cell, index })));
  const found: SpeedMeasured[] = [];
  for (let block = 0; block < BLOCKS; block++) {
    onBlock(block);
    await using stack = await runtime.start(deployments, signal);
    for (const cell of cells) await stack.warmUp(cell, signal);
    const random = seededRandom(seed, block);
    for (const [position, { cell, index }] of shuffled(turns, random).entries()) {
      const trial: Trial = {
        ...{ id: `b${block}-p${position}`, purpose: 'load', cell, phases, block, position },
        load: { model: 'closed', users: USERS_PER_CPU * cell.deployment.processes, thinkTime: 0 },
        seed: Math.floor(random() * 2 ** 31),
      };
      const measurement = await stack.measure(trial, { signal, objective: OBJECTIVE, onProgress: () => 'go-on' });
      const { throughput, steal, scheduleLag } = measurement;
      found.push({
        ...{ block, cell: index, throughput, steal },
        others: computeOthersShare(measurement),
        scheduleLag: quantile(scheduleLag, 0.99),
      });
    }
  }
  return found;
}

/** How far equal trials differ, and between what. */
export function findNoise(all: readonly SpeedMeasured[]): NoiseFound {
  // Trials that a comparison would reject are left out, without a look at their speed.
  const found = all.filter(({ steal, others }) => steal <= ANY_MACHINE.steal && others <= ANY_MACHINE.others);
  const starts = [...Map.groupBy(found, ({ block, cell }) => `${block} ${cell}`).values()];
  const { within, between } = splitVariance(starts.map(trials => trials.map(one => Math.log(one.throughput))));
  const [of, to] = [speedByBlock(found, 0), speedByBlock(found, 1)];
  return {
    betweenTrials: within,
    betweenBlocks: between,
    trials: found.length,
    disturbed: all.length - found.length,
    blocks: of.size,
    sameRatio: pairedRatio(of, to),
    sameRatioWide: pairedRatio(of, to, 0.999),
    steal: measureSpread(found.map(({ steal }) => steal)),
    others: measureSpread(found.map(({ others }) => others)),
    scheduleLag: measureSpread(found.map(({ scheduleLag }) => scheduleLag)),
  };
}

/**
 * Two deployments of one topology, told apart by a database connection that neither uses. Half of the requests compute and
 * half read a row, so that every component has its part.
 */
function equalCells(cpus: number): Cell[] {
  const workload = {
    name: 'calibration',
    requests: [
      { weight: 1, route: 'cpu', parameters: { units: 40 } },
      { weight: 1, route: 'item', parameters: { id: 7 } },
    ],
  } as const;
  const deployment = deploymentOf('hybrid', cpus);
  const other = { ...deployment, databaseConnections: deployment.databaseConnections + 1 };
  return [deployment, other].map(one => ({ deployment: one, workload }));
}

function speedByBlock(found: readonly SpeedMeasured[], cell: number): Map<number, PerSecond> {
  const own = found.filter(one => one.cell === cell);
  const blocks = Map.groupBy(own, ({ block }) => block);
  const speed = (trials: readonly SpeedMeasured[]) =>
    geometricInterval(trials.map(({ throughput }) => throughput)).estimate;
  return new Map([...blocks].map(([block, trials]) => [block, speed(trials)]));
}

function measureSpread(values: readonly number[]): { mean: number; most: number } {
  return { mean: mean(values), most: Math.max(...values) };
}

/**
 * Standard deviations within and between groups by the one-way analysis of variance: σ_w² = MS_w,
 * σ_b² = max(0, (MS_b − MS_w) ÷ n₀), where MS_b and MS_w are the mean squares between and within k groups of nᵢ values (N in
 * all), and n₀ = (N − Σ nᵢ² ÷ N) ÷ (k − 1) (S. R. Searle et al., Variance Components, 1992, §3.6).
 */
export function splitVariance(groups: readonly (readonly number[])[]): { within: number; between: number } {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const values = groups.flat();
  const k = groups.length;
  const middle = mean(values);
  const squares = groups.map(group => sum(group.map(value => (value - mean(group)) ** 2)));
  const within = sum(squares) / (values.length - k);
  const between = sum(groups.map(group => group.length * (mean(group) - middle) ** 2)) / (k - 1);
  const size = (values.length - sum(groups.map(({ length }) => length ** 2)) / values.length) / (k - 1);
  return { within: Math.sqrt(within), between: Math.sqrt(Math.max(0, (between - within) / size)) };
}
