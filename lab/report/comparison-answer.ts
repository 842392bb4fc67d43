import { deploymentName } from '../../model/deployment.ts';
import type { ComparedCell, Comparison } from '../compare/comparison.ts';
import type { Ratio } from '../compare/ratios.ts';
import { shownCapacityOf } from './curves.ts';
import { fairReadings, inverted, shownRatio } from './ratios.ts';
import { headlineOf, stopOf } from './sentences.ts';

/** What a reader came for: what carries how much more than what, and what stops what carries most. */
export interface ComparisonAnswer {
  readonly sentence: string;
  /** Absent where no capacity was found. */
  readonly stop?: string;
}

/** The answer for the cells of one workload: in ratios where there are any, otherwise in what each carries. */
export function answerOf(workload: string, cells: readonly ComparedCell[], comparison: Comparison): ComparisonAnswer {
  const ranked = byCapacity(cells);
  const own = comparison.ratios.filter(ratio => ratio.workload === workload);
  const fair = fairRatios(own, ranked);
  const clauses = [...articleClause(fair), ...bestClause(workload, own, ranked, comparison)];
  // What stops that of which the sentence speaks first.
  const subject = ranked.find(({ deployment }) => deploymentName(deployment) === fair[0]?.ofDeployment) ?? ranked[0];
  const stop = subject === undefined ? {} : { stop: stopOf(subject, cells) };
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

/** The fair ratios of one topology, reading after reading: of the one with most readings, of equals the first in tables. */
function fairRatios(own: readonly Ratio[], ranked: readonly ComparedCell[]): Ratio[] {
  const fair = own.filter(({ reading }) => fairReadings.some(one => one === reading));
  const readingsOf = ({ of }: Ratio) => fair.filter(one => one.of === of).length;
  const placeOf = ({ of }: Ratio) => ranked.find(one => one.deployment.topology === of)?.deployment.spec.port ?? 0;
  const first = fair.toSorted((a, b) => readingsOf(b) - readingsOf(a) || placeOf(a) - placeOf(b))[0];
  return fairReadings.flatMap(reading => fair.find(one => one.of === first?.of && one.reading === reading) ?? []);
}

/** `hybrid carries 14.2 × [12.9, 15.6] what sync carries with as many workers as CPUs, 1.1 × [0.9, 1.3] with …`. */
function* articleClause([first, ...others]: readonly Ratio[]): Generator<string> {
  if (first === undefined) return;
  const begin = `${first.of} carries ${shownRatio(first)} what ${first.to} carries ${readingOf(first)}`;
  // Blocking workers are processes, or threads where they are too many for that.
  const what = ({ to, toDeployment }: Ratio) => (to === first.to ? '' : `what ${toDeployment} carries `);
  yield [begin, ...others.map(ratio => `${shownRatio(ratio)} ${what(ratio)}${readingOf(ratio)}`)].join(', ');
}

function readingOf({ reading }: Ratio): string {
  return Object.entries(readings).find(([name]) => name === reading)?.[1] ?? reading;
}

/** `of the best sizes hybrid-2x1-80 carries most, 1.3 × [1.1, 1.5] what threads-1x40-40 carries`. */
function* bestClause(
  workload: string,
  own: readonly Ratio[],
  ranked: readonly ComparedCell[],
  { bestSizes }: Comparison,
): Generator<string> {
  const best = new Set(
    bestSizes.filter(one => one.workload === workload).map(({ deployment }) => deploymentName(deployment)),
  );
  const [most, next] = ranked.map(({ deployment }) => deploymentName(deployment)).filter(name => best.has(name));
  const among = own.filter(({ reading }) => reading === 'best sizes');
  const ratio = [...among, ...among.map(inverted)].find(
    ({ ofDeployment, toDeployment }) => ofDeployment === most && toDeployment === next,
  );
  if (ratio !== undefined) {
    yield `of the best sizes ${ratio.ofDeployment} carries most, ${shownRatio(ratio)} what ${ratio.toDeployment} carries`;
  }
}
