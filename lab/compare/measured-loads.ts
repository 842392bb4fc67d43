import type { Deployment } from '../../model/deployment.ts';
import { cellName, type Experiment, type Load } from '../../model/experiment.ts';
import { merged, quantile } from '../../model/histogram.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { mean } from '../../model/statistics.ts';
import { errorFractionOf, verdictOf } from '../search/verdict.ts';

/** What came of a load that the experiment names, on one cell, over all trials that were completed. */
export interface MeasuredLoad {
  readonly workload: string;
  readonly deployment: Deployment;
  readonly load: Load;
  readonly trials: number;
  /** Trials that met the objective. */
  readonly met: number;
  /** Mean over the trials. */
  readonly throughput: PerSecond;
  readonly p50: Seconds;
  readonly p99: Seconds;
  readonly errorFraction: Fraction;
}

/** What came of the loads that the experiment names, in its order; those of which no trial was completed are missing. */
export function measuredLoadsOf(results: readonly TrialResult[], experiment: Experiment): MeasuredLoad[] {
  const { cells, loads, objective } = experiment;
  const made = results.flatMap(result =>
    result.state === 'completed' && result.trial.purpose === 'load' ? [result] : [],
  );
  return cells.flatMap(cell =>
    loads.flatMap(load => {
      const own = made.filter(
        ({ trial }) => cellName(trial.cell) === cellName(cell) && JSON.stringify(trial.load) === JSON.stringify(load),
      );
      if (own.length === 0) return [];
      const measurements = own.map(({ measurement }) => measurement);
      const responseTime = merged(
        measurements.map(measurement => measurement.responseTime),
        objective.responseTime,
      );
      return [
        {
          workload: cell.workload.name,
          deployment: cell.deployment,
          load,
          trials: own.length,
          met: own.filter(({ trial, measurement }) => verdictOf(trial, measurement, objective).met).length,
          throughput: mean(measurements.map(({ throughput }) => throughput)),
          p50: quantile(responseTime, 0.5),
          p99: quantile(responseTime, 0.99),
          errorFraction: mean(measurements.map(errorFractionOf)),
        },
      ];
    }),
  );
}
