import type { Deployment } from '../../model/deployment.ts';
import { cellName, type Experiment, type Load, type Objective } from '../../model/experiment.ts';
import { merged, quantile } from '../../model/histogram.ts';
import { type Component, components, type Measurement, type TrialResult } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { Bytes, Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { mean } from '../../model/statistics.ts';
import type { ClaimVerdict } from '../claims/claim.ts';
import { claimVerdicts } from '../claims/claims.ts';
import { type Bottleneck, findBottleneck } from '../explain/bottleneck.ts';
import { cutOff, listWarnings, usedUp, type Warning } from '../explain/warnings.ts';
import { type Capacity, estimateCapacity, readBlocks } from '../search/capacity.ts';
import { type CellState, readCell } from '../search/cell-state.ts';
import { bestSizes } from '../search/contenders.ts';

import type { LoadPoint } from '../search/load-curve.ts';
import { nextBlock } from '../search/next-block.ts';
import { computeErrorFraction, judgeTrial } from '../search/verdict.ts';
import { estimateRatios, type Ratio } from './ratios.ts';

/** What `comparison.json` holds; it follows from an experiment and its results alone. */
export interface Comparison {
  readonly schema: 1;
  readonly experiment: string;
  readonly runtime: string;
  readonly seed: number;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly objective: Objective;
  readonly cells: readonly ComparedCell[];
  /** Empty with fewer than four blocks. */
  readonly ratios: readonly Ratio[];
  /** The size of each topology that carries most, if the experiment looks for sizes. */
  readonly bestSizes: readonly { readonly workload: string; readonly deployment: Deployment }[];
  readonly loads: readonly MeasuredLoad[];
  readonly claims: readonly ClaimVerdict[];
  readonly warnings: readonly Warning[];
}

/** A load that the experiment names, on one cell, over all completed trials. */
export interface MeasuredLoad {
  readonly workload: string;
  readonly deployment: Deployment;
  readonly load: Load;
  readonly trials: number;
  /** Trials that met the objective. */
  readonly met: number;
  /** Mean of the trials. */
  readonly throughput: PerSecond;
  readonly p50: Seconds;
  readonly p99: Seconds;
  readonly errorFraction: Fraction;
}

export interface ComparedCell {
  readonly workload: string;
  readonly deployment: Deployment;
  readonly workers: number;
  readonly capacity: Capacity;
  /** The capacity that each block shows by itself; blocks that were not measured near saturation are missing. */
  readonly capacityByBlock: Readonly<Record<number, PerSecond>>;
  /** `null`: nothing was measured. */
  readonly bottleneck: Bottleneck | null;
  /** At the carried load nearest to half of the capacity; `null`: the capacity is not known. */
  readonly responseTime: { readonly arrivalRate: PerSecond; readonly p50: Seconds; readonly p99: Seconds } | null;
  /** CPU seconds per request at that load. */
  readonly serviceDemand: Record<Component, Seconds> | null;
  /** The most of each component in any trial. */
  readonly memory: Record<Component, Bytes> | null;
  /** Completed ones. */
  readonly trials: number;
  readonly invalidTrials: number;
}

/** An experiment, where it ran, and the results of its trials. */
export interface Results {
  readonly experiment: Experiment;
  readonly runtime: string;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly results: readonly TrialResult[];
  /** Whether the run notes its end; if not, it was cut off if a trial is left. */
  readonly ended?: boolean;
}

/** Compares the cells of an experiment by its results. */
export function compareResults({ experiment, runtime, environment, results, ended }: Results): Comparison {
  const interrupted = !ended && nextBlock(experiment, results).length > 0;
  // Trials that a larger budget would add; a search that only narrows its intervals uses any budget.
  const left = nextBlock({ ...experiment, budget: Number.POSITIVE_INFINITY }, results);
  const hurried = !interrupted && left.some(({ purpose }) => purpose !== 'capacity' || experiment.blocks > 1);
  const { name, seed, objective, cells } = experiment;
  return {
    schema: 1,
    experiment: name,
    runtime,
    seed,
    environment,
    objective,
    cells: cells.map(cell => compareCell(readCell(cell, results, experiment))),
    ratios: estimateRatios(results, experiment),
    bestSizes: (experiment.sizes === 'best' ? bestSizes(results, experiment) : []).map(({ workload, deployment }) => ({
      workload: workload.name,
      deployment,
    })),
    loads: summarizeLoads(results, experiment),
    claims: claimVerdicts(experiment, results),
    warnings: [...(interrupted ? [cutOff] : []), ...(hurried ? [usedUp] : []), ...listWarnings(experiment, results)],
  };
}

function compareCell(state: CellState): ComparedCell {
  const { cell, own, curve, experiment } = state;
  const capacity = estimateCapacity(state);
  const half = readAtHalf(curve, capacity);
  return {
    workload: cell.workload.name,
    deployment: cell.deployment,
    workers: deriveParallelism(cell.deployment).workers,
    capacity,
    capacityByBlock: Object.fromEntries(readBlocks(state).estimates),
    bottleneck: findBottleneck(cell, own, capacity, experiment) ?? null,
    responseTime: half?.times ?? null,
    serviceDemand: half?.serviceDemand ?? null,
    memory: mostMemory(curve.map(({ measurement }) => measurement)),
    trials: own.filter(({ state }) => state === 'completed').length,
    invalidTrials: own.filter(({ state }) => state === 'invalid').length,
  };
}

/** Response times and service demands at the carried load nearest to half of the capacity, on the log scale. */
function readAtHalf(curve: readonly LoadPoint[], capacity: Capacity) {
  if (capacity.state !== 'bracketed' && capacity.state !== 'at-least') return undefined;
  const half = (capacity.state === 'bracketed' ? capacity.estimate : capacity.low) / 2;
  const distance = ({ arrivalRate }: LoadPoint): number => Math.abs(Math.log(arrivalRate / half));
  const [nearest] = curve.filter(({ verdict }) => verdict.met).sort((a, b) => distance(a) - distance(b));
  if (nearest === undefined) return undefined;
  const { responseTime, serviceDemand } = nearest.measurement;
  const { arrivalRate } = nearest;
  return { times: { arrivalRate, p50: quantile(responseTime, 0.5), p99: quantile(responseTime, 0.99) }, serviceDemand };
}

function mostMemory(measurements: readonly Measurement[]): Record<Component, Bytes> | null {
  if (measurements.length === 0) return null;
  const most = (component: Component): Bytes => Math.max(...measurements.map(({ memory }) => memory[component]));
  return Object.fromEntries(components.map(component => [component, most(component)])) as Record<Component, Bytes>;
}

/** Summarizes the named loads, in the experiment's order; loads without a completed trial are left out. */
function summarizeLoads(results: readonly TrialResult[], experiment: Experiment): MeasuredLoad[] {
  const { cells, loads, objective } = experiment;
  const made = results.flatMap(result =>
    result.state === 'completed' && result.trial.purpose === 'load' ? [result] : [],
  );
  return cells.flatMap(cell =>
    loads.flatMap(load => {
      const own = made.filter(
        ({ trial }) => cellName(trial.cell) === cellName(cell) && JSON.stringify(trial.load) === JSON.stringify(load),
      );
      if (own.length === 0) return [];
      const measurements = own.map(({ measurement }) => measurement);
      const responseTime = merged(
        measurements.map(measurement => measurement.responseTime),
        objective.responseTime,
      );
      return [
        {
          workload: cell.workload.name,
          deployment: cell.deployment,
          load,
          trials: own.length,
          met: own.filter(({ trial, measurement }) => judgeTrial(trial, measurement, objective).met).length,
          throughput: mean(measurements.map(({ throughput }) => throughput)),
          p50: quantile(responseTime, 0.5),
          p99: quantile(responseTime, 0.99),
          errorFraction: mean(measurements.map(computeErrorFraction)),
        },
      ];
    }),
  );
}
