import { PoissonArrivals } from '../../loadtests/lib/poisson-arrivals.ts';
import { randomOf } from '../../loadtests/lib/random.ts';
import { countsIn, dispersionOf } from '../analysis/dispersion.ts';
import { exponentialFit, poissonFit } from '../analysis/kolmogorov-smirnov.ts';
import type { Seconds } from '../experiment/units.ts';
import type { ArrivalProcess } from './calibration.ts';
import { type Drive, type Driven, SOURCES } from './drive.ts';

/** Seconds in which arrivals are counted: longer than k6 is late, and short enough for many of them. */
const INTERVAL: Seconds = 0.1;

/** Whether a load's arrivals were a Poisson process: as they were intended, and as the server saw them come. */
export function arrivalProcessOf(drive: Drive, { outcome, stamps }: Driven): ArrivalProcess {
  const { arrivalRate, phases } = drive;
  const { warmUp, steadyState } = phases;
  const intended = intendedIn(drive);
  const first = intended[0] ?? Number.NaN;
  const came = stamps.received.toSorted((a, b) => a - b);
  // The clocks of k6 and server have different zeros: the arrival that was late by least has none of it.
  const zero = Math.min(...came.map((time, index) => time - (intended[index] ?? Number.NaN)));
  const steady = came.map(time => time - zero).filter(time => time >= warmUp && time < warmUp + steadyState);
  const gaps = intended.slice(1).map((time, index) => time - (intended[index] ?? first));
  return {
    arrivalRate,
    due: intended.length,
    sent: outcome.sent,
    came: came.length,
    intendedGaps: exponentialFit(gaps, arrivalRate),
    intendedTimes: poissonFit(intended, 0, warmUp + steadyState),
    cameTimes: poissonFit(steady, warmUp, warmUp + steadyState),
    cameCounts: dispersionOf(countsIn(steady, warmUp, warmUp + steadyState, INTERVAL)),
  };
}

/** The intended sends of a load, drawn again from its seed as the sources draw them. */
export function intendedIn({ arrivalRate, phases, seed }: Drive): Seconds[] {
  const end = phases.warmUp + phases.steadyState;
  const times = Array.from({ length: SOURCES }, (_, index) => {
    const arrivals = new PoissonArrivals(randomOf(seed, index + 1, 'arrivals'), arrivalRate / SOURCES);
    const taken: Seconds[] = [];
    while (arrivals.due < end) taken.push(arrivals.take());
    return taken;
  });
  return times.flat().sort((a, b) => a - b);
}
