import type { Cell } from '../../model/experiment.ts';
import { meanOf, quantile } from '../../model/histogram.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';

/** How many requests a hidden deployment serves at once, from outside: c = X S, Little's law at its saturation. */
export interface Concurrency {
  /** c. */
  readonly atOnce: number;
  /** X: the most that it completed. */
  readonly throughput: PerSecond;
  /** S: the mean response time at light load, and what one request in twenty takes longer than. */
  readonly responseTime: Seconds;
  readonly longest: Seconds;
}

/** Of what was offered: less was completed, so that something was used up. */
export const CARRIED = 0.97;
const LONGEST = 0.95;

/** What the results of a hidden cell show of it; `undefined` for a told one, or before its light look. */
export function concurrencyOf({ deployment }: Cell, own: readonly TrialResult[]): Concurrency | undefined {
  if (!deployment.hidden) return undefined;
  const completed = own.flatMap(result => (result.state === 'completed' ? [result] : []));
  const light = completed.find(({ trial }) => trial.purpose === 'light')?.measurement;
  if (light === undefined || light.responseTimeFromSend.count === 0) return undefined;
  const loads = completed.filter(({ trial }) => trial.load.model === 'open' && trial.purpose !== 'claim');
  if (loads.length === 0) return undefined;
  const throughput = Math.max(...loads.map(({ measurement }) => measurement.throughput));
  const responseTime = meanOf(light.responseTimeFromSend);
  const longest = quantile(light.responseTimeFromSend, LONGEST);
  return { atOnce: throughput * responseTime, throughput, responseTime, longest };
}
