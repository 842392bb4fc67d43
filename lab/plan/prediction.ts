import type { Histogram } from '../../model/histogram.ts';
import type { Component, Resource } from '../../model/measurement.ts';
import type { Bytes, Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import type { Interval } from '../../model/statistics.ts';

/** The times at the quantiles that are told of a predicted response time. */
export interface ToldTimes {
  readonly p50: Seconds;
  readonly p90: Seconds;
  readonly p95: Seconds;
  readonly p99: Seconds;
}

/** All that are told, by the time at a quantile. */
export function toldTimes(at: (quantile: Fraction) => Seconds): ToldTimes {
  return { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) };
}

/** How long requests take, as the client sees it. */
export interface ResponseTimes {
  readonly mean: Seconds;
  readonly quantiles: ToldTimes;
  /** At the objective's own quantile: what is held against the objective. */
  readonly atObjective: Seconds;
  /** The part of the requests that takes longer than the objective. */
  readonly overObjective: Fraction;
}

/** What a deployment would do under a load. */
export type Prediction = StablePrediction | UnstablePrediction;

export interface StablePrediction {
  readonly state: 'stable';
  /** Formulas answer at once, the simulation decides. */
  readonly by: 'formulas' | 'simulation';
  readonly responseTime: ResponseTimes;
  /** All response times; only of the simulation. */
  readonly distribution?: Histogram;
  readonly throughput: PerSecond;
  /** Requests in the system. */
  readonly concurrency: number;
  readonly utilisation: Readonly<Record<Resource, Fraction>>;
  /** Of all CPUs of the machine. */
  readonly cpuShare: Readonly<Record<Component, Fraction>>;
  readonly memory: Readonly<Record<Component, Bytes>>;
  /** What gives out first when the load grows, and at which throughput. */
  readonly bottleneck: Resource;
  readonly saturation: PerSecond;
  /** Whether the objective is met. */
  readonly met: boolean;
}

/** More arrives than can be served: requests in progress grow without end. */
export interface UnstablePrediction {
  readonly state: 'unstable';
  readonly by: 'formulas' | 'simulation';
  /** What gives out. */
  readonly bottleneck: Resource;
  /** The throughput at which it is used up. */
  readonly capacity: PerSecond;
  readonly memory: Readonly<Record<Component, Bytes>>;
}

/** The highest offered load at which the objective is met, with its 95 % interval; 0: it is met at none. */
export interface PredictedCapacity extends Interval {
  readonly bottleneck: Resource;
}
