import type { Phases } from '../../model/experiment.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { normalBelow } from './normal.ts';

/**
 * A service near saturation, whatever it is made of: work arrives at random and is worked off at a constant speed, so
 * that the time for which a request waits moves like a reflected Brownian motion (heavy traffic).
 *
 *   drift       m  = λ ÷ μ − 1        seconds of waiting that are added each second
 *   variance    σ² = v λ ÷ μ²         per second
 *
 * λ: arrival rate. μ: saturation, the throughput of the resource that is used up first when it is never idle.
 * v: burstiness, the squared coefficients of variation of gaps and of service: 1 for Poisson arrivals of equal work.
 *
 * Source: J. M. Harrison, Brownian Motion and Stochastic Flow Systems, 1985, §1.9 (equation 9 for the distribution at
 * time t); J. F. C. Kingman, 1962, for G/G/1 in heavy traffic.
 */
export interface QueueModel {
  readonly saturation: PerSecond;
  readonly burstiness: number;
}

/** What a request may wait for, and how often it may wait for longer. */
export interface WaitLimit {
  /** The objective's time less what a request takes when nobody waits. */
  readonly wait: Seconds;
  readonly overFraction: Fraction;
}

/**
 * The load at which, in the long run, just `overFraction` of the requests wait for longer than `wait`:
 * C = μ ÷ (1 + v ln(1 ÷ overFraction) ÷ (2 wait μ)), from P(W > w) = exp(−2 w (1 − ρ) μ ÷ (v ρ)).
 */
export function capacityAt({ saturation, burstiness }: QueueModel, { wait, overFraction }: WaitLimit): PerSecond {
  return saturation / (1 + (burstiness * Math.log(1 / overFraction)) / (2 * wait * saturation));
}

/** Points of a steady state at which the model is looked at. */
const MOMENTS = 6;
/** A cluster that could last for ever begins at any time and lasts to the end: a sixth of the steady state fits what simulations show. */
const LONGEST_CLUSTER: Fraction = 1 / 6;

/**
 * The probability that a trial at `arrivalRate`, from an empty system, ends with no more than `overFraction` over the
 * limit. The requests that wait for too long come in clusters. Below saturation a cluster lasts σ² ÷ 2m² on average, so
 * that a trial often sees none although in the long run too many wait; above saturation one that has begun does not end.
 */
export function passProbability(
  model: QueueModel,
  arrivalRate: PerSecond,
  { warmUp, steadyState }: Pick<Phases, 'warmUp' | 'steadyState'>,
  { wait, overFraction }: WaitLimit,
): Fraction {
  const drift = arrivalRate / model.saturation - 1;
  const variance = (model.burstiness * arrivalRate) / model.saturation ** 2;
  let over = 0;
  for (let moment = 0; moment < MOMENTS; moment++) {
    over += waitsLonger(wait, warmUp + ((moment + 0.5) / MOMENTS) * steadyState, drift, variance) / MOMENTS;
  }
  const atEnd = waitsLonger(wait, warmUp + (1 - overFraction) * steadyState, drift, variance);
  const cluster = Math.min(LONGEST_CLUSTER * steadyState, variance / (2 * drift ** 2));
  return Math.min(1 - atEnd, fewClusters((over * steadyState) / cluster, (overFraction * steadyState) / cluster));
}

/** P(V(t) > w) of a reflected Brownian motion that was 0 at time 0. */
function waitsLonger(wait: Seconds, time: Seconds, drift: number, variance: number): Fraction {
  const spread = Math.sqrt(variance * time);
  const exponent = (2 * drift * wait) / variance;
  // Where the exponential overflows its factor has vanished long before.
  const reflected = exponent > 500 ? 0 : Math.exp(exponent) * normalBelow((-wait - drift * time) / spread);
  return Math.min(1, Math.max(0, 1 - normalBelow((wait - drift * time) / spread) + reflected));
}

const MOST_CLUSTERS = 30;

/** P(the clusters last for no longer than `allowed` in all): their number is Poisson, their lengths exponential with mean 1. */
function fewClusters(expected: number, allowed: number): Fraction {
  let clusters = Math.exp(-expected);
  let within = clusters;
  // P(k lengths ≤ allowed) = 1 − Σ_{j<k} e^−a a^j ÷ j!
  let term = Math.exp(-allowed);
  let longer = term;
  for (let k = 1; k <= MOST_CLUSTERS; k++) {
    clusters *= expected / k;
    within += clusters * Math.max(0, 1 - longer);
    term *= allowed / k;
    longer += term;
  }
  return within;
}
