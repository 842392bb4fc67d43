import { refusalOf } from '../../model/deployment.ts';
import { isModelled, type Objective, type Workload } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { Resource } from '../../model/measurement.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { around, type Interval } from '../../model/statistics.ts';
import { CapacityModel, type StablePrediction } from '../plan/capacity-model.ts';
import { type FittedModel, isMeasured } from '../plan/fitted-model.ts';
import { measuredMachine } from '../plan/question.ts';
import type { RunScore } from '../plan/score.ts';
import { pointNear, readShownCapacity } from './curves.ts';
import type { RunModel } from './model.ts';
import type { Report, ReportedCell } from './report.ts';

/** What the model of a run says of its cells. */
export interface Predictions {
  readonly fitted: FittedModel;
  readonly score: RunScore | undefined;
  /** How capacities were predicted: a simulation of many cells would keep a reader waiting. */
  readonly by: 'formulas' | 'simulation';
  readonly cells: ReadonlyMap<ReportedCell, PredictedCell>;
}

/** What the model says of one cell on the machine that was measured. */
export interface PredictedCell {
  /** With its 95 % interval. */
  readonly capacity: Interval;
  /** What gives out first as the load grows, and the throughput at which it does, by formulas. */
  readonly bottleneck: Resource;
  readonly saturation: PerSecond;
  /** By formulas, from the lowest load that was measured to just below saturation. */
  readonly curve: readonly PredictedPoint[];
  /** By formulas, at each measured load of the cell; `undefined` where it cannot be carried. */
  readonly atMeasured: readonly (PredictedPoint | undefined)[];
  /** By simulation, at about 70 % of the capacity; `undefined` where that was not asked. */
  readonly simulated: TimesAt | undefined;
  /** Where the score looks; `undefined` where no load near to it was carried. */
  readonly scored: ScoredPoint | undefined;
}

/** Response times at a load. */
interface TimesAt {
  readonly arrivalRate: PerSecond;
  readonly p50: Seconds;
  /** At the objective's quantile. */
  readonly atObjective: Seconds;
}

interface PredictedPoint extends TimesAt {
  readonly utilisation: Readonly<Record<Resource, Fraction>>;
}

/** A measured load near 70 % of the capacity, with what was predicted for it. */
interface ScoredPoint {
  readonly predicted: TimesAt;
  /** At the objective's quantile. */
  readonly measured: Seconds;
}

/** Up to so many cells are simulated; that takes about a tenth of a second each. */
const MOST_SIMULATED = 24;
/** Requests a second beyond which a few seconds of warm-up take too long to be simulated for every cell. */
const FASTEST_SIMULATED: PerSecond = 10_000;
const CAPACITY_EFFORT = { requests: 8000, precision: 0.01 };
const POINT_EFFORT = { requests: 4000, replications: 2, seed: 1 };

/** The part of the capacity at which response times are scored: the measured load that is nearest to it, within bounds. */
export const scoredPart = { at: 0.7, least: 0.4, most: 0.9 } as const;

/** What the run's model predicts for each cell whose app was measured; `undefined` where there is no model. */
export function predictCells({ workloads, experiment }: Report, model: RunModel): Predictions | undefined {
  if (model.state === 'none') return;
  const { fitted, score } = model;
  const capacityModel = new CapacityModel(fitted, measuredMachine(experiment.cpus));
  const predictable = workloads.flatMap(({ workload, cells }) =>
    cells.filter(cell => isKnown(cell, fitted)).map(cell => ({ cell, workload })),
  );
  const isSlow = predictable.some(({ cell }) => (readShownCapacity(cell) ?? 0) > FASTEST_SIMULATED);
  const by = predictable.length <= MOST_SIMULATED && !isSlow ? 'simulation' : 'formulas';
  return {
    ...{ fitted, score, by },
    cells: new Map(predictable.map(({ cell, workload }) => [cell, predicted(capacityModel, cell, workload, by)])),
  };
}

/** Of an app that was never measured the model knows nothing of this machine, and nothing of limits of containers. */
function isKnown({ deployment }: ReportedCell, fitted: FittedModel): boolean {
  return isModelled({ deployment }) && isMeasured(fitted, deployment.spec) && refusalOf(deployment) === undefined;
}

function predicted(model: CapacityModel, cell: ReportedCell, workload: Workload, by: Predictions['by']): PredictedCell {
  const { deployment, curve } = cell;
  const estimateAt = (arrivalRate: PerSecond) => model.estimate(deployment, workload, { model: 'open', arrivalRate });
  const light = estimateAt(curve[0]?.arrivalRate ?? 1);
  const saturation = light.state === 'stable' ? light.saturation : light.capacity;
  const pointAt = (arrivalRate: PerSecond): PredictedPoint | undefined => {
    const prediction = estimateAt(arrivalRate);
    if (prediction.state === 'unstable') return;
    return { ...timesAt(arrivalRate, prediction), utilisation: prediction.utilisation };
  };
  const simulatedAt: TimesAtLoad = arrivalRate => {
    const prediction = model.predict(deployment, workload, { model: 'open', arrivalRate }, POINT_EFFORT);
    return prediction.state === 'stable' ? timesAt(arrivalRate, prediction) : undefined;
  };
  const capacity = predictCapacity(model, cell, workload, by);
  const isSimulated = by === 'simulation' && capacity.estimate > 0;
  const scored = scoredPoint(cell, isSimulated ? simulatedAt : pointAt, model.objective);
  const simulated = isSimulated ? (scored?.predicted ?? simulatedAt(scoredPart.at * capacity.estimate)) : undefined;
  return {
    ...{ capacity, saturation, scored, simulated },
    bottleneck: light.bottleneck,
    curve: loadsUpTo(saturation, curve[0]?.arrivalRate).flatMap(arrivalRate => pointAt(arrivalRate) ?? []),
    atMeasured: curve.map(({ arrivalRate }) => pointAt(arrivalRate)),
  };
}

function predictCapacity(
  model: CapacityModel,
  cell: ReportedCell,
  workload: Workload,
  by: Predictions['by'],
): Interval {
  const { deployment } = cell;
  if (by === 'simulation') return model.capacityOf(deployment, workload, CAPACITY_EFFORT);
  return around(model.estimatedCapacity(deployment, workload), model.spreadOf(deployment, workload));
}

/** A prediction to compare with a measurement: at the load near the scored part of the capacity, if one was carried there. */
function scoredPoint(cell: ReportedCell, at: TimesAtLoad, { quantile: q }: Objective): ScoredPoint | undefined {
  const capacity = readShownCapacity(cell) ?? Number.NaN;
  const { at: part, least, most } = scoredPart;
  const point = pointNear(
    cell.curve,
    part * capacity,
    ({ arrivalRate, carried }) => carried > 0 && arrivalRate >= least * capacity && arrivalRate <= most * capacity,
  );
  const predicted = point && at(point.arrivalRate);
  return predicted && { predicted, measured: quantile(point.responseTime, q) };
}

type TimesAtLoad = (arrivalRate: PerSecond) => TimesAt | undefined;

function timesAt(arrivalRate: PerSecond, { responseTime }: StablePrediction): TimesAt {
  return { arrivalRate, p50: responseTime.quantiles.p50, atObjective: responseTime.atObjective };
}

/** Where a curve is drawn: even on the log scale, and closer together where it turns up. */
function loadsUpTo(saturation: PerSecond, least: PerSecond = saturation / 20): PerSecond[] {
  const from = Math.min(least, saturation / 2);
  const ratio = (BEND * saturation) / from;
  const even = Array.from({ length: EVEN }, (_, index) => from * ratio ** (index / EVEN));
  return [...even, ...upTurn.map(part => part * saturation)];
}

const EVEN = 20;
/** Of saturation. */
const BEND: Fraction = 0.88;
const upTurn: readonly Fraction[] = [BEND, 0.91, 0.935, 0.955, 0.97, 0.98, 0.988, 0.995];
