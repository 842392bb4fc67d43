import type { Cell, Experiment } from '../../model/experiment.ts';
import { type Histogram, merged } from '../../model/histogram.ts';
import {
  type Component,
  components,
  type Measurement,
  type Resource,
  resources,
  type TrialResult,
} from '../../model/measurement.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import { mean } from '../../model/statistics.ts';
import type { ComparedCell } from '../compare/comparison.ts';
import { selectResults } from '../search/load-curve.ts';
import { judgeTrial } from '../search/verdict.ts';

/** What was measured at one load of a cell: of several trials with nearly the same load, all together. */
export interface CurvePoint {
  /** The geometric mean of its trials' λ. */
  readonly arrivalRate: PerSecond;
  readonly trials: number;
  /** How many of the trials carried the load. */
  readonly carried: number;
  /** Of all its trials. */
  readonly responseTime: Histogram;
  /** Means over its trials. */
  readonly utilisation: Record<Resource, Fraction>;
  readonly cpuShare: Record<Component, Fraction>;
  /** Each trial's own. */
  readonly measurements: readonly Measurement[];
}

/** Trials whose loads are that close, as a ratio, are one point: repeats near capacity would draw a scribble. */
const SAME_LOAD = 1.06;

/** What the completed trials of a cell measured under open loads, by arrival rate. */
export function measureCurve(cell: Cell, results: readonly TrialResult[], experiment: Experiment): CurvePoint[] {
  const { objective } = experiment;
  const loads = selectResults(cell, results)
    .flatMap(result => {
      const { trial } = result;
      if (result.state !== 'completed' || trial.purpose === 'claim' || trial.load.model !== 'open') return [];
      const { measurement } = result;
      if (measurement.scored === 0) return [];
      const { met } = judgeTrial(trial, measurement, objective);
      return [{ arrivalRate: trial.load.arrivalRate, measurement, met }];
    })
    .sort((a, b) => a.arrivalRate - b.arrivalRate);
  const groups: (typeof loads)[] = [];
  for (const one of loads) {
    const group = groups.at(-1);
    const first = group?.[0];
    if (group && first && one.arrivalRate <= first.arrivalRate * SAME_LOAD) group.push(one);
    else groups.push([one]);
  }
  return groups.map(group => {
    const measurements = group.map(({ measurement }) => measurement);
    return {
      arrivalRate: Math.exp(mean(group.map(({ arrivalRate }) => Math.log(arrivalRate)))),
      trials: group.length,
      carried: group.filter(({ met }) => met).length,
      responseTime: merged(
        measurements.map(({ responseTime }) => responseTime),
        objective.responseTime,
      ),
      utilisation: averageEach(resources, resource =>
        measurements.map(({ utilisation }) => utilisation[resource] ?? Number.NaN),
      ),
      cpuShare: averageEach(components, component => measurements.map(({ cpuShare }) => cpuShare[component])),
      measurements,
    };
  });
}

/** The point that is nearest to `arrivalRate` on the log scale, among those that `wanted` takes. */
export function pointNear(
  curve: readonly CurvePoint[],
  arrivalRate: PerSecond,
  wanted: (point: CurvePoint) => boolean = () => true,
): CurvePoint | undefined {
  const distance = (point: CurvePoint): number => Math.abs(Math.log(point.arrivalRate / arrivalRate));
  return curve.filter(wanted).sort((a, b) => distance(a) - distance(b))[0];
}

/** The capacity, or as much of it as was shown; `undefined` when nothing was. */
export function readShownCapacity({ capacity }: ComparedCell): PerSecond | undefined {
  if (capacity.state === 'bracketed') return capacity.estimate;
  return capacity.state === 'at-least' ? capacity.low : undefined;
}

function averageEach<Name extends string>(
  names: readonly Name[],
  read: (name: Name) => readonly number[],
): Record<Name, number> {
  return Object.fromEntries(names.map(name => [name, mean(read(name))])) as Record<Name, number>;
}
