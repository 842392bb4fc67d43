import { routes } from '../../model/contract/contract.ts';
import type { Workload, WorkloadRequest } from '../../model/experiment.ts';
import { milliseconds, percent, quantileName, rounded } from '../../model/quantities.ts';
import type { ComparedCell, Comparison } from '../compare/comparison.ts';
import type { Capacity, LimitedBy } from '../search/capacity.ts';
import { labelOf } from './measures.ts';

/** What is asked of every load, in a few characters: `p99 ≤ 250 ms, errors ≤ 0.1 %`. */
export function shownObjective({ objective }: Comparison): string {
  const { quantile, responseTime, errorFraction } = objective;
  return `${quantileName(quantile)} ≤ ${milliseconds(responseTime)} ms, errors ≤ ${percent(errorFraction)}`;
}

/** What carries most of a workload, and how much, where there are no ratios. */
export function headlineOf(cells: readonly ComparedCell[]): string {
  const [most, ...others] = cells
    .filter(({ capacity }) => middleOf(capacity) > 0)
    .sort((a, b) => middleOf(b.capacity) - middleOf(a.capacity));
  const without = [...withoutCapacity(cells)].map(clause => `; ${clause}`).join('');
  if (most === undefined) return `of no deployment a capacity was found${without}.`;
  const { capacity } = most;
  const figure = `${capacity.state === 'at-least' ? 'at least' : 'about'} ${rounded(middleOf(capacity))} requests a second`;
  // Intervals that overlap do not tell which capacity is larger.
  const alike = others.filter(cell => highOf(cell.capacity) > lowOf(capacity)).map(cell => labelOf(cell, cells));
  const beside = alike.length === 0 ? '' : `; no difference to ${alike.join(' and ')} was shown`;
  // Of a part of them nothing can be said about all.
  const carries =
    others.length + 1 < cells.filter(({ capacity }) => capacity.state !== 'none').length
      ? 'carries most of what was measured'
      : 'carries most';
  return `${labelOf(most, cells)} ${carries}, ${figure}${beside}${without}.`;
}

/** The cells that cannot carry most because nobody knows what they carry, or because they carry nothing. */
function* withoutCapacity(cells: readonly ComparedCell[]): Generator<string> {
  const inState = (state: Capacity['state']): string =>
    cells
      .filter(({ capacity }) => capacity.state === state)
      .map(cell => labelOf(cell, cells))
      .join(' and ');
  const [none, unmeasured] = [inState('none'), inState('unmeasured')];
  if (none !== '') yield `${none} met the objective at no load`;
  if (unmeasured !== '') yield `the capacity of ${unmeasured} was not measured`;
}

/** What stopped a cell, in one sentence that begins with its name. */
export function stopOf(cell: ComparedCell, cells: readonly ComparedCell[]): string {
  const { capacity, bottleneck } = cell;
  const label = labelOf(cell, cells);
  if (capacity.state === 'unmeasured') return `${label} was not measured: ${capacity.reason}`;
  const stop = bottleneck === null ? label : `${label} ${bottleneck.sentence}`;
  if (capacity.state === 'at-least') return `${stop}; its limit was not found: ${limits[capacity.limitedBy]}`;
  return capacity.state === 'none' ? `${stop}; no load that was tried was carried` : stop;
}

const limits: Record<LimitedBy, string> = {
  generator: 'k6 could not send more on time',
  machine: 'the machine was disturbed',
  failures: 'its last trials failed or were invalid',
  budget: 'its search ended before a load failed',
  trials: 'all of its trials were carried',
};

function middleOf(capacity: Capacity): number {
  return capacity.state === 'bracketed' ? capacity.estimate : lowOf(capacity);
}

function lowOf(capacity: Capacity): number {
  return capacity.state === 'bracketed' || capacity.state === 'at-least' ? capacity.low : 0;
}

function highOf(capacity: Capacity): number {
  if (capacity.state === 'bracketed') return capacity.high;
  return capacity.state === 'at-least' ? Number.POSITIVE_INFINITY : 0;
}

/** What a workload asks for: `3 × GET /items/7 · 1 × GET /wait?ms=20`, `GET /cpu (5 ms of CPU)`. */
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
