import { deploymentName } from '../../model/deployment.ts';
import type { Load } from '../../model/experiment.ts';
import { milliseconds, percent, rounded } from '../../model/quantities.ts';
import type { MeasuredLoad } from '../compare/comparison.ts';

/** What stands over the columns of a table of loads. */
export const loadColumns = [
  'deployment',
  'load',
  'served (1/s)',
  'p50 (ms)',
  'p99 (ms)',
  'failed',
  'met the objective',
];

/** The loads of one workload that the experiment names, a row each. */
export function loadRows(workload: string, loads: readonly MeasuredLoad[]): string[][] {
  return loads
    .filter(load => load.workload === workload)
    .map(({ deployment, load, throughput, p50, p99, errorFraction, met, trials }) => [
      deploymentName(deployment),
      shownLoad(load),
      rounded(throughput),
      milliseconds(p50),
      milliseconds(p99),
      percent(errorFraction),
      `${met} of ${trials}`,
    ]);
}

/** `100/s`, `50 users, thinking for 1 s`, `100 at once`. */
function shownLoad(load: Load): string {
  switch (load.model) {
    case 'open':
      return `${rounded(load.arrivalRate)}/s`;
    case 'closed':
      return `${load.users} users${load.thinkTime > 0 ? `, thinking for ${rounded(load.thinkTime)} s` : ''}`;
    case 'burst':
      return `${load.requests} at once`;
  }
}
