import jstat from 'jstat';
import { PoissonArrivals } from '../../model/poisson-arrivals.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import { createRandom } from '../../model/random.ts';
import { mean } from '../../model/statistics.ts';
import type { ArrivalProcess } from './calibration.ts';
import { type Drive, type Driven, SOURCES } from './instrument.ts';

/** Seconds in which arrivals are counted: longer than k6 is late, and short enough for many of them. */
const INTERVAL: Seconds = 0.1;

/** A load that was driven. */
export interface Made {
  readonly drive: Drive;
  readonly driven: Pick<Driven, 'stamps'> & { readonly outcome: Pick<Driven['outcome'], 'sent'> };
}

/** Tests whether the arrivals of equal loads, as the server saw them, were a Poisson process; they are put end to end. */
export function testArrivals(made: readonly Made[]): ArrivalProcess {
  const { arrivalRate, phases } = (made[0] as Made).drive;
  const { steadyState } = phases;
  const end = made.length * steadyState;
  const came = made.flatMap(({ drive, driven }, index) =>
    steadyArrivals(drive, driven.stamps.received).map(time => time + index * steadyState),
  );
  return {
    arrivalRate,
    due: made.reduce((sum, { drive }) => sum + drawIntended(drive).length, 0),
    sent: made.reduce((sum, { driven }) => sum + driven.outcome.sent, 0),
    came: made.reduce((sum, { driven }) => sum + driven.stamps.received.length, 0),
    cameTimes: testEven(came.map(time => time / end)),
    cameCounts: testDispersion(countIn(came, end, INTERVAL)),
  };
}

/** The intended sends of a load, drawn again from its seed as the sources draw them. */
export function drawIntended({ arrivalRate, phases, seed }: Pick<Drive, 'arrivalRate' | 'phases' | 'seed'>): Seconds[] {
  const end = phases.warmUp + phases.steadyState;
  const times = Array.from({ length: SOURCES }, (_, index) => {
    const arrivals = new PoissonArrivals(createRandom(seed, index + 1, 'arrivals'), arrivalRate / SOURCES);
    const taken: Seconds[] = [];
    while (arrivals.due < end) taken.push(arrivals.take());
    return taken;
  });
  return times.flat().sort((a, b) => a - b);
}

/** Arrivals after the warm-up, from its end on. */
function steadyArrivals(drive: Drive, received: readonly Seconds[]): Seconds[] {
  const { warmUp, steadyState } = drive.phases;
  const intended = drawIntended(drive);
  const inOrder = received.toSorted((a, b) => a - b);
  // The clocks of k6 and server have different zeros: the arrival with the least delay is taken to have none.
  const zero = Math.min(...inOrder.map((time, index) => time - (intended[index] ?? Number.POSITIVE_INFINITY)));
  return inOrder.map(time => time - zero - warmUp).filter(time => time >= 0 && time < steadyState);
}

/**
 * Whether values are spread evenly over [0, 1], as the times of a Poisson process are (Kolmogorov and Smirnov). `distance`:
 * the largest between the two distribution functions. `p`: the probability of as much by chance.
 */
export function testEven(values: readonly Fraction[]): ArrivalProcess['cameTimes'] {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  const distance = sorted.reduce(
    (largest, value, index) => Math.max(largest, (index + 1) / n - value, value - index / n),
    0,
  );
  return { distance, p: kolmogorovProbability(distance, n) };
}

const TERMS = 100;

/**
 * P(D > d) = 2 Σ (−1)^(j−1) e^(−2 j² λ²), λ = (√n + 0.12 + 0.11 ÷ √n) d: Kolmogorov's limit with M. A. Stephens'
 * correction (EDF Statistics for Goodness of Fit, 1974), good from n = 5 on.
 */
function kolmogorovProbability(distance: Fraction, n: number): Fraction {
  const lambda = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * distance;
  // There the series hardly converges, and the answer is 1 to nine digits.
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let j = 1; j <= TERMS; j++) sum += (j % 2 === 1 ? 2 : -2) * Math.exp(-2 * (j * lambda) ** 2);
  return Math.min(1, Math.max(0, sum));
}

/**
 * The test of dispersion: I = Σ (nᵢ − n̄)² ÷ ((k − 1) n̄), where nᵢ are the counts of k intervals; (k − 1) I has the χ²
 * distribution with k − 1 degrees of freedom (R. A. Fisher, 1950; D. R. Cox and P. A. W. Lewis, 1966, §6.3). `index`: 1 for
 * a Poisson process, less for even spacing, more for bursts. `p`: of an index as far from 1, to either side.
 */
export function testDispersion(counts: readonly number[]): ArrivalProcess['cameCounts'] {
  const freedom = counts.length - 1;
  const middle = mean(counts);
  const squares = counts.reduce((sum, count) => sum + (count - middle) ** 2, 0);
  const below = jstat.chisquare.cdf(squares / middle, freedom);
  return { index: squares / middle / freedom, p: Math.min(1, 2 * Math.min(below, 1 - below)) };
}

/** How many times lie in each interval of that width; a part of one at the end is left out. */
export function countIn(times: readonly Seconds[], end: Seconds, width: Seconds): number[] {
  const counts = Array<number>(Math.floor(end / width + 1e-9)).fill(0);
  for (const time of times) {
    const interval = Math.floor(time / width);
    if (interval < counts.length) counts[interval] = (counts[interval] ?? 0) + 1;
  }
  return counts;
}
