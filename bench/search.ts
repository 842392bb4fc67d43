/**
 * Whether the intervals of the search hold the true capacity, and how many seconds of load they take: on simulated
 * deployments whose capacity is known from long runs, with the noise of a real machine.
 *
 *   node bench/search.ts [--searches 400] [--seed 1] [--trials-noise 0.03] [--blocks-noise 0.03] [--blocks 1] [--only mixed] [--baseline]
 */
import { parseArgs } from 'node:util';
import { cellName } from '../lab/experiment/cell.ts';
import type { Experiment } from '../lab/experiment/experiment.ts';
import { measuredService } from '../lab/simulation/service-model.ts';
import { trueCapacityOf } from '../lab/simulation/true-capacity.ts';
import { type SearchCase, searchCases } from './search/cases.ts';
import { doublingAndBisecting } from './search/doubling-and-bisecting.ts';
import { type Found, loadlineSearch } from './search/simulated-search.ts';

const { values } = parseArgs({
  options: {
    searches: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    'trials-noise': { type: 'string', default: '0.03' },
    'blocks-noise': { type: 'string', default: '0.03' },
    blocks: { type: 'string', default: '1' },
    budget: { type: 'string', default: '43' },
    baseline: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});
const searches = Number(values.searches);
const cases = searchCases.filter(({ cell }) => cellName(cell).includes(values.only));
const objective = { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 };
/** High ÷ low at which bisecting ends: Nighthawk's own is 1 %. */
const PRECISIONS = [1.01, 1.05, 1.1, 1.2, 1.4];
const WANTED = 0.93;

/** Searches of one case, with the truth. */
interface Searched {
  readonly name: string;
  readonly truth: number;
  readonly found: readonly (Found | undefined)[];
}

function searchAll(truths: ReadonlyMap<SearchCase, number>, search: (experiment: Experiment) => Found | undefined) {
  return cases.map((one): Searched => {
    const found = Array.from({ length: searches }, (_, index) => search(experimentOf(one, index)));
    return { name: `${cellName(one.cell)}, ${one.cpus} CPUs`, truth: truths.get(one) ?? Number.NaN, found };
  });
}

function experimentOf({ cell, cpus }: SearchCase, index: number): Experiment {
  return {
    name: 'search',
    seed: Number(values.seed) * 100_000 + index,
    cpus,
    objective,
    cells: [cell],
    budget: Number(values.budget),
    blocks: Number(values.blocks),
    capacity: true,
    loads: [],
    phases: { warmUp: 2, steadyState: 10 },
    sizes: 'all',
    limits: {},
    claims: [],
    noise: {
      betweenTrials: Number(values['trials-noise']),
      betweenBlocks: Number(values['blocks-noise']),
      source: 'assumed',
    },
  };
}

/** The part of the searches whose interval, widened by a factor on either side, holds the truth. */
function coverageOf({ truth, found }: Searched, widening = 1): number {
  const holding = found.filter(one => one && one.low / widening <= truth && truth <= one.high * widening);
  return holding.length / found.length;
}

function halfWidth({ low, high }: Found): number {
  return Math.sqrt(high / low) - 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function printTable(searched: readonly Searched[]): void {
  print('| cell | true capacity (1/s) | held by | half-width, median | estimate ÷ truth, mean | seconds | none |');
  print('|:---|---:|---:|---:|---:|---:|---:|');
  for (const one of searched) {
    const found = one.found.filter(search => search !== undefined);
    const columns = [
      one.name,
      one.truth.toPrecision(4),
      `${(100 * coverageOf(one)).toFixed(1)} %`,
      `${(100 * median(found.map(halfWidth))).toFixed(1)} %`,
      mean(found.map(({ estimate }) => estimate / one.truth)).toFixed(3),
      mean(found.map(({ seconds }) => seconds)).toFixed(1),
      String(one.found.length - found.length),
    ];
    print(`| ${columns.join(' | ')} |`);
  }
  const all = searched.flatMap(({ found }) => found.filter(search => search !== undefined));
  const coverage = mean(searched.map(one => coverageOf(one)));
  print(
    `\nAll: ${(100 * coverage).toFixed(1)} % held, half-width ${(100 * median(all.map(halfWidth))).toFixed(1)} % in the median, ` +
      `${mean(all.map(({ seconds }) => seconds)).toFixed(1)} s of load in the mean.\n`,
  );
}

const truths = new Map(
  cases.map(one => [one, trueCapacityOf(one.cell, measuredService, objective, { cpus: one.cpus, seed: 11 })]),
);
const own = searchAll(truths, loadlineSearch);
printTable(own);

if (values.baseline) {
  for (const precision of PRECISIONS) {
    const bisected = searchAll(truths, experiment => doublingAndBisecting(experiment, precision));
    let widening = 1;
    while (mean(bisected.map(one => coverageOf(one, widening))) < WANTED) widening += 0.005;
    const all = bisected.flatMap(({ found }) => found.filter(search => search !== undefined));
    print(
      `Doubling and bisecting to ${((precision - 1) * 100).toFixed(0)} %: held as it is ${(100 * mean(bisected.map(one => coverageOf(one)))).toFixed(1)} %; ` +
        `widened by ${((widening - 1) * 100).toFixed(1)} % on either side ${(100 * mean(bisected.map(one => coverageOf(one, widening)))).toFixed(1)} %, ` +
        `half-width ${(100 * median(all.map(one => (1 + halfWidth(one)) * widening - 1))).toFixed(1)} % in the median, ` +
        `${mean(all.map(({ seconds }) => seconds)).toFixed(1)} s of load in the mean.`,
    );
  }
}
