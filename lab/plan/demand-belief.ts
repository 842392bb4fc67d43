import type { Fraction, Seconds } from '../../model/quantities.ts';
import type { CpuDemand } from '../simulation/service-model.ts';
import type { Belief } from './most-likely.ts';

/** How far a demand differs from one trial to the next, beside what is counted coarsely. */
const NOISE: Fraction = 0.06;
/** The system counts CPU time in steps of this. */
const TICK: Seconds = 0.01;
/** Of the logarithm of what another machine needs: a factor of two is nothing strange. */
export const ELSEWHERE = 0.7;

/** What is believed of a demand before anything is seen, and where to look for it first. */
export function beliefsOf(believed: CpuDemand, first: CpuDemand): Belief[] {
  const starts = partsOf(first);
  return partsOf(believed).map((value, index) => {
    const start = starts[index];
    return { value, deviation: ELSEWHERE, ...(start !== undefined && start > 0 && { start }) };
  });
}

/** What of it can be shared, what cannot, and the load at which half of it is. */
export function partsOf({ light, least, half }: CpuDemand): number[] {
  return [light - least, least, half];
}

/** From what can be shared, what cannot, and the load at which half of it is. */
export function demandFrom([shared = 0, least = 0, half = 1]: readonly number[]): CpuDemand {
  return { light: least + shared, least, half };
}

/** CPU time of a request that was observed beyond what was expected, in standard deviations. */
export function residualOf(expected: Seconds, observed: Seconds, requests: number, processes: number): number {
  const coarse = (TICK * Math.sqrt(processes)) / requests;
  return (observed - expected) / Math.hypot(NOISE * expected, coarse);
}
