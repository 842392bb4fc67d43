import type { Deployment } from '../../model/deployment.ts';
import type { Cell, Experiment, Objective } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import { type Component, components, type Measurement, type TrialResult } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { Bytes, PerSecond, Seconds } from '../../model/quantities.ts';
import type { ClaimVerdict } from '../claims/claim.ts';
import { claimVerdicts } from '../claims/list.ts';
import { type Bottleneck, bottleneckOf } from '../explain/bottleneck.ts';
import { cutOff, usedUp, type Warning, warningsOf } from '../explain/warnings.ts';
import { blockEstimates, type Capacity, capacityOf } from '../search/capacity.ts';
import { bestSizes } from '../search/contenders.ts';

import { type LoadPoint, loadCurveOf, resultsOf } from '../search/load-curve.ts';
import { nextBlock } from '../search/next-block.ts';
import { type MeasuredLoad, measuredLoadsOf } from './measured-loads.ts';
import { type Ratio, ratiosOf } from './ratios.ts';

/** What `comparison.json` holds: made from an experiment and its results alone. */
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
  /** Of each topology the size that carries most, where sizes were looked for. */
  readonly bestSizes: readonly { readonly workload: string; readonly deployment: Deployment }[];
  /** What came of the loads that the experiment names. */
  readonly loads: readonly MeasuredLoad[];
  readonly claims: readonly ClaimVerdict[];
  readonly warnings: readonly Warning[];
}

export interface ComparedCell {
  readonly workload: string;
  readonly deployment: Deployment;
  readonly workers: number;
  readonly capacity: Capacity;
  /** What each block by itself shows of it, by its number; one that was not measured near saturation is missing. */
  readonly capacityByBlock: Readonly<Record<number, PerSecond>>;
  /** `null`: nothing was measured. */
  readonly bottleneck: Bottleneck | null;
  /** At the carried load that is nearest to half of the capacity; `null` when that is not known. */
  readonly responseTime: { readonly arrivalRate: PerSecond; readonly p50: Seconds; readonly p99: Seconds } | null;
  /** CPU seconds per request at the same load. */
  readonly serviceDemand: Record<Component, Seconds> | null;
  /** The most that each component had in any trial. */
  readonly memory: Record<Component, Bytes> | null;
  /** Completed ones. */
  readonly trials: number;
  readonly invalidTrials: number;
}

/** An experiment, where it ran, and what came of its trials. */
export interface Results {
  readonly experiment: Experiment;
  readonly runtime: string;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly results: readonly TrialResult[];
  /** Whether the run says that it came to its end; where it does not, a trial that is left says that it was cut off. */
  readonly ended?: boolean;
}

/** The comparison that the results of an experiment amount to. */
export function compareResults({ experiment, runtime, environment, results, ended }: Results): Comparison {
  const interrupted = !ended && nextBlock(experiment, results).length > 0;
  // What would still be made if there were time; a search that only narrows its intervals goes on as long as there is.
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
    cells: cells.map(cell => comparedCell(cell, resultsOf(cell, results), experiment)),
    ratios: ratiosOf(results, experiment),
    bestSizes:
      experiment.sizes === 'best'
        ? bestSizes(results, experiment).map(cell => ({
            workload: cell.workload.name,
            deployment: cell.deployment,
          }))
        : [],
    loads: measuredLoadsOf(results, experiment),
    claims: claimVerdicts(experiment, results),
    warnings: [...(interrupted ? [cutOff] : []), ...(hurried ? [usedUp] : []), ...warningsOf(experiment, results)],
  };
}

function comparedCell(cell: Cell, own: readonly TrialResult[], experiment: Experiment): ComparedCell {
  const { objective } = experiment;
  const curve = loadCurveOf(cell, own, objective);
  const capacity = capacityOf(cell, own, experiment);
  const half = pointAtHalf(curve, capacity);
  return {
    workload: cell.workload.name,
    deployment: cell.deployment,
    workers: deriveParallelism(cell.deployment).workers,
    capacity,
    capacityByBlock: Object.fromEntries(blockEstimates(cell, own, experiment)),
    bottleneck: bottleneckOf(cell, own, capacity, experiment) ?? null,
    responseTime: half === undefined ? null : responseTimeOf(half),
    serviceDemand: half?.measurement.serviceDemand ?? null,
    memory: mostMemory(curve.map(({ measurement }) => measurement)),
    trials: own.filter(({ state }) => state === 'completed').length,
    invalidTrials: own.filter(({ state }) => state === 'invalid').length,
  };
}

/** The load that was carried and lies nearest to half of the capacity, on the log scale. */
function pointAtHalf(curve: readonly LoadPoint[], capacity: Capacity): LoadPoint | undefined {
  if (capacity.state !== 'bracketed' && capacity.state !== 'at-least') return undefined;
  const half = (capacity.state === 'bracketed' ? capacity.estimate : capacity.low) / 2;
  const distance = ({ arrivalRate }: LoadPoint): number => Math.abs(Math.log(arrivalRate / half));
  return curve.filter(({ verdict }) => verdict.met).sort((a, b) => distance(a) - distance(b))[0];
}

function responseTimeOf({ arrivalRate, measurement: { responseTime } }: LoadPoint): ComparedCell['responseTime'] {
  return { arrivalRate, p50: quantile(responseTime, 0.5), p99: quantile(responseTime, 0.99) };
}

function mostMemory(measurements: readonly Measurement[]): Record<Component, Bytes> | null {
  if (measurements.length === 0) return null;
  const most = (component: Component): Bytes => Math.max(...measurements.map(({ memory }) => memory[component]));
  return Object.fromEntries(components.map(component => [component, most(component)])) as Record<Component, Bytes>;
}
