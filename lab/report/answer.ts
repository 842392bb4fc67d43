import { routes } from '../../model/contract/contract.ts';
import { deploymentName } from '../../model/deployment.ts';
import type { Workload, WorkloadRequest } from '../../model/experiment.ts';
import { milliseconds, percent, quantileName, shownNumber } from '../../model/quantities.ts';
import type { ComparedCell, Comparison } from '../compare/comparison.ts';
import type { Ratio } from '../compare/ratios.ts';
import type { Capacity, LimitedBy } from '../search/capacity.ts';
import { readShownCapacity } from './curves.ts';
import { fairReadings, invertRatio, shownRatio } from './ratio-text.ts';

/** `p99 ≤ 250 ms, errors ≤ 0.1 %`. */
export function shownObjective({ objective }: Comparison): string {
  const { quantile, responseTime, errorFraction } = objective;
  return `${quantileName(quantile)} ≤ ${milliseconds(responseTime)} ms, errors ≤ ${percent(errorFraction)}`;
}

/** The requests of a workload: `3 × GET /items/7 · 1 × GET /wait?ms=20`, `GET /cpu (5 ms of CPU)`. */
export function shownRequests({ requests }: Workload): string {
  return requests
    .map(request => (requests.length === 1 ? shownRequest(request) : `${request.weight} × ${shownRequest(request)}`))
    .join(' · ');
}

function shownRequest({ route, parameters: { cpuSeconds, ...parameters } }: WorkloadRequest): string {
  const { method, path } = routes[route];
  const inQuery = Object.entries(parameters).filter(([name]) => !path.includes(`:${name}`));
  const query = inQuery.map(([name, value]) => `${name}=${value}`).join('&');
  const place = path.replace(/:(\w+)/g, (_, name) => String(parameters[name]));
  const cpu = cpuSeconds === undefined ? '' : ` (${milliseconds(cpuSeconds)} ms of CPU)`;
  return `${method} ${place}${query === '' ? '' : `?${query}`}${cpu}`;
}

/** The name of a cell among `cells` of one workload: its topology, with sizes and limits where that is not enough. */
export function labelCell({ deployment }: ComparedCell, cells: readonly ComparedCell[]): string {
  const alike = cells.filter(cell => cell.deployment.topology === deployment.topology);
  return alike.length > 1 || deployment.containers || deployment.hidden
    ? deploymentName(deployment)
    : deployment.topology;
}

/** The capacity of a cell, per second: `1,310`, `≥ 1,230`, `none`, `–`. */
export function shownCapacity({ capacity }: ComparedCell): string {
  switch (capacity.state) {
    case 'bracketed':
      return shownNumber(capacity.estimate);
    case 'at-least':
      return `≥ ${shownNumber(capacity.low)}`;
    case 'none':
      return 'none';
    case 'unmeasured':
      return '–';
  }
}

/** The interval of the capacity, per second: `1,220–1,400`. */
export function shownInterval({ capacity }: ComparedCell): string {
  return capacity.state === 'bracketed' ? `${shownNumber(capacity.low)}–${shownNumber(capacity.high)}` : '–';
}

/** What stopped a cell, in one sentence that begins with its name. */
export function describeStop(cell: ComparedCell, cells: readonly ComparedCell[]): string {
  const { capacity, bottleneck } = cell;
  const label = labelCell(cell, cells);
  if (capacity.state === 'unmeasured') return `${label} was not measured: ${capacity.reason}`;
  const stop = bottleneck === null ? label : `${label} ${bottleneck.sentence}`;
  if (capacity.state === 'at-least') return `${stop}; its limit was not found: ${limits[capacity.limitedBy]}`;
  return capacity.state === 'none' ? `${stop}; it met the objective at no load that was tried` : stop;
}

const limits: Record<LimitedBy, string> = {
  generator: 'k6 could not send more on time',
  machine: 'other programs disturbed the machine',
  failures: 'its last trials failed or were invalid',
  budget: 'the budget ended first',
  trials: 'it met the objective in all of its trials',
};

/** The answer for one workload: what carries how much, and what stops the deployment that it names first. */
interface WorkloadAnswer {
  readonly sentence: string;
  /** Absent where no capacity was found. */
  readonly stop?: string;
}

/** The answer for the cells of one workload: in ratios where there are any, otherwise in capacities. */
export function answerWorkload(
  workload: string,
  cells: readonly ComparedCell[],
  comparison: Comparison,
): WorkloadAnswer {
  const ranked = rankByCapacity(cells);
  const own = comparison.ratios.filter(ratio => ratio.workload === workload);
  const fair = pickFairRatios(own, ranked);
  const clauses = [...compareFairly(fair), ...compareBestSizes(workload, own, ranked, comparison)];
  const subject = ranked.find(({ deployment }) => deploymentName(deployment) === fair[0]?.ofDeployment) ?? ranked[0];
  const stop = subject === undefined ? {} : { stop: describeStop(subject, cells) };
  if (clauses.length === 0) return { sentence: compareCapacities(cells), ...stop };
  const where = comparison.runtime === 'simulated' ? 'In this simulation' : 'On this machine';
  return { sentence: `${where}, for this work, ${clauses.join('; ')}.`, ...stop };
}

/** `hybrid (1,880/s) and async (1,870/s) are tied: their intervals overlap.`, `hybrid carries most: about 1,310 requests/s.` */
export function compareCapacities(cells: readonly ComparedCell[]): string {
  const [most, ...others] = rankByCapacity(cells);
  const without = [...nameWithoutCapacity(cells)].map(clause => `; ${clause}`).join('');
  if (most === undefined) return `no capacity was found${without}.`;
  const isTied = (cell: ComparedCell) => highEnd(cell.capacity) > lowEnd(most.capacity);
  const tied = [most, ...others.filter(isTied)];
  if (tied.length > 1) {
    const named = tied.map(cell => `${labelCell(cell, cells)} (${shownCapacity(cell)}/s)`);
    const why = tied.some(({ capacity }) => capacity.state === 'at-least')
      ? 'a limit was not found'
      : 'their intervals overlap';
    return `${listNames(named)} are tied: ${why}${without}.`;
  }
  const figure = `${most.capacity.state === 'at-least' ? 'at least' : 'about'} ${shownNumber(readShownCapacity(most) ?? 0)}`;
  return `${labelCell(most, cells)} carries most: ${figure} requests/s${without}.`;
}

function* nameWithoutCapacity(cells: readonly ComparedCell[]): Generator<string> {
  const inState = (state: Capacity['state']) =>
    cells.filter(({ capacity }) => capacity.state === state).map(cell => labelCell(cell, cells));
  const [none, unmeasured] = [inState('none'), inState('unmeasured')];
  if (none.length > 0) yield `${listNames(none)} met the objective at no load`;
  if (unmeasured.length > 0) yield `${listNames(unmeasured)} ${unmeasured.length === 1 ? 'was' : 'were'} not measured`;
}

function lowEnd(capacity: Capacity): number {
  return capacity.state === 'bracketed' || capacity.state === 'at-least' ? capacity.low : 0;
}

function highEnd(capacity: Capacity): number {
  return capacity.state === 'bracketed' ? capacity.high : Number.POSITIVE_INFINITY;
}

function rankByCapacity(cells: readonly ComparedCell[]): ComparedCell[] {
  return cells
    .filter(cell => readShownCapacity(cell) !== undefined)
    .sort((a, b) => (readShownCapacity(b) ?? 0) - (readShownCapacity(a) ?? 0));
}

/** `a, b and c`. */
function listNames(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

const readings: Readonly<Record<(typeof fairReadings)[number], string>> = {
  'workers = CPUs': 'with as many workers as CPUs',
  'equal concurrency': 'with as many workers as connections',
  'equal memory': 'with as much memory',
};

/** The ratios of one topology in every fair reading: of the topology with most readings, of equals the first in tables. */
function pickFairRatios(own: readonly Ratio[], ranked: readonly ComparedCell[]): Ratio[] {
  const fair = own.filter(({ reading }) => reading in readings);
  const countReadings = ({ of }: Ratio) => fair.filter(one => one.of === of).length;
  const place = ({ of }: Ratio) => ranked.find(one => one.deployment.topology === of)?.deployment.spec.port ?? 0;
  const first = fair.toSorted((a, b) => countReadings(b) - countReadings(a) || place(a) - place(b))[0];
  return fairReadings.flatMap(reading => fair.find(one => one.of === first?.of && one.reading === reading) ?? []);
}

/** `hybrid carries 14.2 × [12.9, 15.6] what sync carries with as many workers as CPUs, 1.1 × [0.9, 1.3] with …`. */
function* compareFairly([first, ...others]: readonly Ratio[]): Generator<string> {
  if (first === undefined) return;
  const inReading = ({ reading }: Ratio) => readings[reading as keyof typeof readings];
  // Blocking workers are processes, or threads where they are too many for that.
  const subject = ({ to, toDeployment }: Ratio) => (to === first.to ? '' : `what ${toDeployment} carries `);
  yield [
    `${first.of} carries ${shownRatio(first)} what ${first.to} carries ${inReading(first)}`,
    ...others.map(ratio => `${shownRatio(ratio)} ${subject(ratio)}${inReading(ratio)}`),
  ].join(', ');
}

/** `of the best sizes hybrid-2x1-80 carries most, 1.3 × [1.1, 1.5] what threads-1x40-40 carries`. */
function* compareBestSizes(
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
  const ratio = [...among, ...among.map(invertRatio)].find(
    ({ ofDeployment, toDeployment }) => ofDeployment === most && toDeployment === next,
  );
  if (ratio !== undefined) {
    yield `of the best sizes ${ratio.ofDeployment} carries most, ${shownRatio(ratio)} what ${ratio.toDeployment} carries`;
  }
}
