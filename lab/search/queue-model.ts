import type { Phases } from '../../model/experiment.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';

/**
 * A service near saturation: work arrives at random and is worked off at a constant speed, so that the wait of a request
 * moves like a reflected Brownian motion (heavy traffic).
 *
 *   drift       m  = λ ÷ μ − 1        seconds of waiting that are added each second
 *   variance    σ² = v λ ÷ μ²         per second
 *
 * λ: arrival rate. μ: saturation, the throughput of the first resource to be used up. v: burstiness, the squared
 * coefficients of variation of gaps and of service: 1 for Poisson arrivals of equal work.
 *
 * Source: J. M. Harrison, Brownian Motion and Stochastic Flow Systems, 1985, §1.9 (equation 9 for the distribution at
 * time t); J. F. C. Kingman, 1962, for G/G/1 in heavy traffic.
 */
export interface QueueModel {
  readonly saturation: PerSecond;
  readonly burstiness: number;
}

/** How long requests may wait, and how many of them may wait for longer. */
export interface WaitLimit {
  /** The objective's time less the response time without a queue. */
  readonly wait: Seconds;
  readonly overFraction: Fraction;
}

/**
 * The load at which `overFraction` of the requests wait for longer than `wait` in the long run:
 * C = μ ÷ (1 + v ln(1 ÷ overFraction) ÷ (2 wait μ)), from P(W > w) = exp(−2 w (1 − ρ) μ ÷ (v ρ)).
 */
export function capacityAt({ saturation, burstiness }: QueueModel, { wait, overFraction }: WaitLimit): PerSecond {
  return saturation / (1 + (burstiness * Math.log(1 / overFraction)) / (2 * wait * saturation));
}

/** Moments of a steady state at which the model is evaluated. */
const MOMENTS = 6;
/** Length of a cluster that does not end, as a part of the steady state: fits simulations. */
const LONGEST_CLUSTER: Fraction = 1 / 6;

/**
 * The probability that a trial at `arrivalRate`, from an empty system, ends with `overFraction` over the limit or fewer.
 * Requests that wait for too long come in clusters. Below saturation a cluster lasts σ² ÷ 2m² on average, so that a trial
 * often sees none; above saturation a cluster does not end.
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

/**
 * P(Z ≤ z) of a standard normal Z, to 7.5e−8 (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17).
 * Libraries are a hundred times slower, and a search asks ten thousand times a trial.
 */
export function normalBelow(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * Math.abs(z));
  const polynomial =
    t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  const tail = 0.398_942_280_4 * Math.exp((-z * z) / 2) * polynomial;
  return z > 0 ? 1 - tail : tail;
}

/** The density of a normal distribution around 0 at x. */
export function normalDensity(x: number, deviation: number): number {
  return Math.exp(-((x / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI));
}
