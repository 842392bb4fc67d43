import { deploymentName } from '../../services/deployment.ts';
import type { ComparedCell, Comparison } from '../analysis/comparison.ts';
import type { Ratio } from '../analysis/ratios.ts';
import { shownCapacityOf } from './curves.ts';
import { fairReadings, inverted, shownRatio } from './ratios.ts';
import { headlineOf, stopOf } from './sentences.ts';

/** What a reader came for: what carries how much more than what, and what stops what carries most. */
export interface Answer {
  readonly sentence: string;
  /** Absent where no capacity was found. */
  readonly stop?: string;
}

/** The answer for the cells of one workload: in ratios where there are any, otherwise in what each carries. */
export function answerOf(workload: string, cells: readonly ComparedCell[], comparison: Comparison): Answer {
  const [most] = byCapacity(cells);
  const stop = most === undefined ? {} : { stop: stopOf(most, cells) };
  const clauses = [...articleClause(workload, cells, comparison), ...bestClause(workload, cells, comparison)];
  if (clauses.length === 0) return { sentence: headlineOf(cells), ...stop };
  const where = comparison.runtime === 'simulated' ? 'In this simulation' : 'On this machine';
  return { sentence: `${where}, for this work, ${clauses.join('; ')}.`, ...stop };
}

/** The cells whose capacity is known, the largest first. */
function byCapacity(cells: readonly ComparedCell[]): ComparedCell[] {
  return cells
    .filter(cell => shownCapacityOf(cell) !== undefined)
    .sort((a, b) => (shownCapacityOf(b) ?? 0) - (shownCapacityOf(a) ?? 0));
}

const readings = {
  'workers = CPUs': 'with as many workers as CPUs',
  'equal concurrency': 'with as many as connections',
  'equal memory': 'with as much memory',
} as const;

/** `hybrid carries 14.2 × [12.9, 15.6] what sync carries with as many workers as CPUs, 1.1 × [0.9, 1.3] with …`. */
function* articleClause(workload: string, cells: readonly ComparedCell[], { ratios }: Comparison): Generator<string> {
  const fair = ratios.filter(ratio => ratio.workload === workload && isFair(ratio));
  const names = byCapacity(cells).map(({ deployment }) => deploymentName(deployment));
  // What the article compares; what else there is stands in for it.
  const [first] = [
    ...fair.filter(({ of, to }) => of === 'hybrid' && to === 'sync'),
    ...fair.toSorted((a, b) => names.indexOf(a.ofDeployment) - names.indexOf(b.ofDeployment)),
  ];
  if (first === undefined) return;
  const shown = fairReadings.flatMap(reading => {
    const ratio = fair.find(({ of, reading: its }) => of === first.of && its === reading);
    return ratio === undefined ? [] : [ratio];
  });
  const list = shown.map((ratio, index) => {
    const reading = isFair(ratio) ? readings[ratio.reading] : '';
    if (index === 0) return `${first.of} carries ${shownRatio(ratio)} what ${ratio.to} carries ${reading}`;
    // Blocking workers are many processes, or many threads where they are too many for that.
    const what = ratio.to === shown[0]?.to ? '' : `what ${ratio.toDeployment} carries `;
    return `${shownRatio(ratio)} ${what}${reading}`;
  });
  yield list.join(', ');
}

/** `of the best sizes hybrid-2x1-80 carries most, 1.3 × [1.1, 1.5] what threads-1x40-40 carries`. */
function* bestClause(
  workload: string,
  cells: readonly ComparedCell[],
  { ratios, bestSizes }: Comparison,
): Generator<string> {
  const best = new Set(
    bestSizes.filter(one => one.workload === workload).map(({ deployment }) => deploymentName(deployment)),
  );
  const [most, next] = byCapacity(cells)
    .map(({ deployment }) => deploymentName(deployment))
    .filter(name => best.has(name));
  const own = ratios.filter(ratio => ratio.workload === workload && ratio.reading === 'best sizes');
  const ratio = [...own, ...own.map(inverted)].find(
    ({ ofDeployment, toDeployment }) => ofDeployment === most && toDeployment === next,
  );
  if (ratio !== undefined) {
    yield `of the best sizes ${ratio.ofDeployment} carries most, ${shownRatio(ratio)} what ${ratio.toDeployment} carries`;
  }
}

function isFair(ratio: Ratio): ratio is Ratio & { readonly reading: keyof typeof readings } {
  const { reading } = ratio;
  return fairReadings.some(fair => fair === reading);
}
