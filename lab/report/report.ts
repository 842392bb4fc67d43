import { deploymentName } from '../../model/deployment.ts';
import { type Experiment, isArticleSize, type Workload } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { ClaimVerdict } from '../claims/claim.ts';
import { type ComparedCell, type Comparison, compareResults, type Results } from '../compare/comparison.ts';
import { labelCell } from './answer.ts';
import { type CurvePoint, measureCurve, pointNear, readShownCapacity } from './curves.ts';

/** Everything that a report shows. */
export interface Report {
  readonly comparison: Comparison;
  readonly experiment: Experiment;
  readonly results: readonly TrialResult[];
  readonly workloads: readonly ReportedWorkload[];
  readonly claims: readonly ClaimVerdict[];
}

export interface ReportedWorkload {
  /** `w1`: fit for an HTML id, whatever the name of the workload. */
  readonly id: string;
  readonly workload: Workload;
  readonly cells: readonly ReportedCell[];
}

/** A cell with what was measured at each load. */
export interface ReportedCell extends ComparedCell {
  /** Its name among the cells of its workload. */
  readonly label: string;
  /** By arrival rate. */
  readonly curve: readonly CurvePoint[];
  /** The carried load that is nearest to half of the capacity. */
  readonly atHalf: CurvePoint | undefined;
  /** The load that is nearest to the capacity, carried or not. */
  readonly atCapacity: CurvePoint | undefined;
}

/** Builds the report of a run from its trials alone. */
export function buildReport(run: Results): Report {
  const { experiment, results } = run;
  const comparison = compareResults(run);
  const named = Map.groupBy(experiment.cells, ({ workload }) => workload.name);
  const workloads = [...named.values()].flatMap((own, index) => {
    const [first] = own;
    if (first === undefined) return [];
    const { workload } = first;
    const compared = comparison.cells.filter(cell => cell.workload === workload.name);
    const cells = compared.map(cell => {
      const curve = measureCurve({ workload, deployment: cell.deployment }, results, experiment);
      const capacity = readShownCapacity(cell);
      return {
        ...cell,
        label: labelCell(cell, compared),
        curve,
        atHalf: capacity === undefined ? undefined : pointNear(curve, capacity / 2, ({ carried }) => carried > 0),
        atCapacity: capacity === undefined ? curve.at(-1) : pointNear(curve, capacity),
      };
    });
    return [{ id: `w${index + 1}`, workload, cells }];
  });
  return { comparison, experiment, results, workloads, claims: comparison.claims };
}

/** More curves than these in one plot cannot be told apart. */
const MOST_CURVES = 8;

/** The cells whose curves a plot can hold: all, or of each topology the article's size and the one that carries most. */
export function drawnCells(cells: readonly ReportedCell[], experiment: Experiment): readonly ReportedCell[] {
  const measured = cells.filter(({ curve }) => curve.length > 0);
  if (measured.length <= MOST_CURVES) return measured;
  const best = new Map<string, ReportedCell>();
  for (const cell of measured) {
    const { topology } = cell.deployment;
    const other = best.get(topology);
    if (other === undefined || (readShownCapacity(cell) ?? 0) > (readShownCapacity(other) ?? 0))
      best.set(topology, cell);
  }
  const kept = new Set([...best.values()].map(({ deployment }) => deploymentName(deployment)));
  return measured.filter(cell => kept.has(deploymentName(cell.deployment)) || isArticleSize(cell, experiment));
}
