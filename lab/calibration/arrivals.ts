import { PoissonArrivals } from '../../model/poisson-arrivals.ts';
import type { Seconds } from '../../model/quantities.ts';
import { randomOf } from '../../model/random.ts';
import type { ArrivalProcess } from './calibration.ts';
import { countsIn, dispersionOf } from './dispersion.ts';
import { type Drive, type Driven, SOURCES } from './drive.ts';
import { exponentialFit, poissonFit } from './kolmogorov-smirnov.ts';

/** Seconds in which arrivals are counted: longer than k6 is late, and short enough for many of them. */
const INTERVAL: Seconds = 0.1;

/** A load that was driven. */
export interface Made {
  readonly drive: Drive;
  readonly driven: Pick<Driven, 'stamps'> & { readonly outcome: Pick<Driven['outcome'], 'sent'> };
}

/**
 * Whether the arrivals of equal loads were a Poisson process: as they were intended, and as the server saw them come.
 * One load after the other they are still one: what they are tested as.
 */
export function arrivalProcessOf(made: readonly Made[]): ArrivalProcess {
  const loads = made.map(({ drive, driven }) => alignArrivals(drive, driven.stamps.received));
  const { arrivalRate, phases } = made[0]?.drive ?? { arrivalRate: Number.NaN, phases: { warmUp: 0, steadyState: 0 } };
  const { steadyState } = phases;
  const length = phases.warmUp + steadyState;
  const inTurn = (times: (load: ArrivalTimes) => readonly Seconds[], width: Seconds) =>
    loads.flatMap((load, index) => times(load).map(time => time + index * width));
  const came = inTurn(load => load.came, steadyState);
  const end = made.length * steadyState;
  return {
    arrivalRate,
    due: loads.reduce((sum, { intended }) => sum + intended.length, 0),
    sent: made.reduce((sum, { driven }) => sum + driven.outcome.sent, 0),
    came: made.reduce((sum, { driven }) => sum + driven.stamps.received.length, 0),
    intendedGaps: exponentialFit(
      loads.flatMap(({ intended }) => gapsOf(intended)),
      arrivalRate,
    ),
    intendedTimes: poissonFit(
      inTurn(load => load.intended, length),
      0,
      made.length * length,
    ),
    cameTimes: poissonFit(came, 0, end),
    cameCounts: dispersionOf(countsIn(came, 0, end, INTERVAL)),
  };
}

/** The intended sends of a load, drawn again from its seed as the sources draw them. */
export function intendedIn({ arrivalRate, phases, seed }: Pick<Drive, 'arrivalRate' | 'phases' | 'seed'>): Seconds[] {
  const end = phases.warmUp + phases.steadyState;
  const times = Array.from({ length: SOURCES }, (_, index) => {
    const arrivals = new PoissonArrivals(randomOf(seed, index + 1, 'arrivals'), arrivalRate / SOURCES);
    const taken: Seconds[] = [];
    while (arrivals.due < end) taken.push(arrivals.take());
    return taken;
  });
  return times.flat().sort((a, b) => a - b);
}

interface ArrivalTimes {
  /** From the beginning of the load on. */
  readonly intended: readonly Seconds[];
  /** From the end of its warm-up on. */
  readonly came: readonly Seconds[];
}

function alignArrivals(drive: Drive, received: readonly Seconds[]): ArrivalTimes {
  const { warmUp, steadyState } = drive.phases;
  const intended = intendedIn(drive);
  const inOrder = received.toSorted((a, b) => a - b);
  // The clocks of k6 and server have different zeros: the arrival that was late by least has none of it.
  const zero = Math.min(...inOrder.map((time, index) => time - (intended[index] ?? Number.POSITIVE_INFINITY)));
  const steady = inOrder.map(time => time - zero - warmUp).filter(time => time >= 0 && time < steadyState);
  return { intended, came: steady };
}

function gapsOf(times: readonly Seconds[]): Seconds[] {
  return times.map((time, index) => time - (times[index - 1] ?? 0));
}
