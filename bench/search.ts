/**
 * Whether the intervals of the search hold the true capacity, and how many seconds of load they take: on simulated
 * deployments whose capacity is known from long runs, with the noise of a real machine.
 *
 *   node bench/search.ts [--searches 400] [--seed 1] [--trials-noise 0.03] [--blocks-noise 0.03] [--blocks 1] [--only mixed] [--baseline]
 *     [--generator lagging]   six deployments beside a k6 that is late where the CPUs are full
 *     [--hidden]   deployments that tell nothing of themselves
 *     [--believed 0.5]   the noise that the search believes in, as a multiple of the one that there is
 */
import { parseArgs } from 'node:util';
import type { ServiceModel } from '../lab/simulation/service-model.ts';
import { findTrueCapacity } from '../lab/simulation/true-capacity.ts';
import { type Cell, cellName, type Experiment, type Noise } from '../model/experiment.ts';
import { percentTo } from '../model/quantities.ts';
import { mean, median } from '../model/statistics.ts';
import { topologies } from '../model/topology.ts';
import {
  doublingAndBisecting,
  type Found,
  laggingCases,
  loadlineSearch,
  type SearchCase,
  searchCases,
} from './simulated-search.ts';

const { values } = parseArgs({
  options: {
    searches: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    'trials-noise': { type: 'string', default: '0.03' },
    'blocks-noise': { type: 'string', default: '0.03' },
    blocks: { type: 'string', default: '1' },
    budget: { type: 'string', default: '43' },
    baseline: { type: 'boolean', default: false },
    hidden: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    generator: { type: 'string', default: 'punctual' },
    believed: { type: 'string', default: '1' },
  },
});
const searches = Number(values.searches);
if (!['punctual', 'lagging'].includes(values.generator)) throw new Error('--generator is punctual or lagging');
const isLagging = values.generator === 'lagging';
const cases = (isLagging ? laggingCases : searchCases).filter(({ cell }) => cellName(cell).includes(values.only));
const objective = { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 };
/** High ÷ low at which bisecting ends: Nighthawk's own is 1 %. */
const PRECISIONS = [1.01, 1.05, 1.1, 1.2, 1.4];
const WANTED = 0.93;
const WANTED_OF_EACH = 0.91;
/** Searches that end with "at least", beside a generator that is late. */
const MOST_WITHOUT = 0.02;
/** A baseline that must be widened by more than this is hopeless. */
const MOST_WIDENED = 3;

/** Searches of one case, with the truth. */
interface Searched {
  readonly name: string;
  readonly truth: number;
  readonly found: readonly (Found | undefined)[];
}

function searchAll(
  truths: ReadonlyMap<SearchCase, number>,
  search: (experiment: Experiment, noise: Noise, model: ServiceModel) => Found | undefined,
) {
  return cases.map((one): Searched => {
    const found = Array.from({ length: searches }, (_, index) =>
      search(buildExperiment(one, index), noiseTimes(1), one.model),
    );
    return { name: `${cellName(one.cell)}, ${one.cpus} CPUs`, truth: truths.get(one) ?? Number.NaN, found };
  });
}

function buildExperiment({ cell, cpus }: SearchCase, index: number): Experiment {
  return {
    name: 'search',
    seed: Number(values.seed) * 100_000 + index,
    cpus,
    objective,
    topologies,
    cells: [values.hidden ? hiddenCell(cell) : cell],
    budget: Number(values.budget),
    blocks: Number(values.blocks),
    capacity: true,
    loads: [],
    phases: { warmUp: 2, steadyState: 10 },
    sizes: 'all',
    limits: {},
    claims: [],
    noise: noiseTimes(Number(values.believed)),
  };
}

function hiddenCell({ deployment, workload }: Cell): Cell {
  return { deployment: { ...deployment, hidden: true }, workload };
}

/** So many times the noise that the simulated machine has. */
function noiseTimes(multiple: number): Noise {
  const betweenTrials = multiple * Number(values['trials-noise']);
  const betweenBlocks = multiple * Number(values['blocks-noise']);
  return { betweenTrials, betweenBlocks, source: 'assumed' };
}

/** The part of the searches whose interval, widened by a factor on either side, holds the truth. */
function countCovered({ truth, found }: Searched, widening = 1): number {
  const holding = found.filter(one => one && one.low / widening <= truth && truth <= one.high * widening);
  return holding.length / found.length;
}

function halfWidth({ low, high }: Found): number {
  return Math.sqrt(high / low) - 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printTable(searched: readonly Searched[]): void {
  print('| cell | true capacity (1/s) | held by | half-width, median | estimate ÷ truth, mean | seconds | none |');
  print('|:---|---:|---:|---:|---:|---:|---:|');
  for (const one of searched) {
    const found = one.found.filter(search => search !== undefined);
    const columns = [
      one.name,
      one.truth.toPrecision(4),
      percentTo(countCovered(one), 1),
      percentTo(median(found.map(halfWidth)), 1),
      mean(found.map(({ estimate }) => estimate / one.truth)).toFixed(3),
      mean(found.map(({ seconds }) => seconds)).toFixed(1),
      String(one.found.length - found.length),
    ];
    print(`| ${columns.join(' | ')} |`);
  }
  const all = searched.flatMap(({ found }) => found.filter(search => search !== undefined));
  const coverage = mean(searched.map(one => countCovered(one)));
  print(
    `\nAll: ${percentTo(coverage, 1)} held, half-width ${percentTo(median(all.map(halfWidth)), 1)} in the median, ` +
      `${mean(all.map(({ seconds }) => seconds)).toFixed(1)} s of load in the mean.\n`,
  );
}

const truths = new Map(
  cases.map(one => [one, findTrueCapacity(one.cell, one.model, objective, { cpus: one.cpus, seed: 11 })]),
);
const own = searchAll(truths, loadlineSearch);
printTable(own);
const coverages = own.map(one => countCovered(one));
judge(`all together ${percentTo(WANTED, 1)}`, mean(coverages) >= WANTED);
judge(`each ${percentTo(WANTED_OF_EACH, 1)}`, Math.min(...coverages) >= WANTED_OF_EACH);
if (isLagging) {
  const none = mean(own.map(({ found }) => found.filter(one => one === undefined).length / found.length));
  judge(`${percentTo(none, 1)} without an interval, ${percentTo(MOST_WITHOUT, 1)} at most`, none <= MOST_WITHOUT);
}

if (values.baseline) {
  const ownSeconds = mean(foundIn(own).map(({ seconds }) => seconds));
  for (const stopsEarly of [false, true]) {
    const baselines = PRECISIONS.map(precision => runBaseline(precision, stopsEarly));
    const asNarrow = baselines.filter(({ width }) => width <= median(foundIn(own).map(halfWidth)) * 1.5);
    const [quickest] = (asNarrow.length > 0 ? asNarrow : baselines).toSorted((a, b) => a.seconds - b.seconds);
    if (quickest === undefined) continue;
    const against = `${ownSeconds.toFixed(1)} s against ${quickest.seconds.toFixed(1)} s`;
    // Nighthawk's method is the one that does not stop trials early; the other shows how much of the difference that is.
    if (stopsEarly) print(`beside doubling and bisecting that stops trials early too: ${against}`);
    else judge(`half the seconds of doubling and bisecting: ${against}`, ownSeconds <= quickest.seconds / 2);
  }
}

/** The baseline at one precision, its intervals widened until as many of them hold the truth as are wanted. */
function runBaseline(precision: number, stopsEarly: boolean): { seconds: number; width: number } {
  const bisected = searchAll(truths, (experiment, noise, model) =>
    doublingAndBisecting({ ...experiment, noise }, model, precision, stopsEarly),
  );
  const coverageAt = (widening: number) => mean(bisected.map(one => countCovered(one, widening)));
  let widening = 1;
  while (coverageAt(widening) < WANTED && widening < MOST_WIDENED) widening += 0.005;
  const found = foundIn(bisected);
  const width = median(found.map(one => (1 + halfWidth(one)) * widening - 1));
  const seconds = mean(found.map(one => one.seconds));
  print(
    `Doubling and bisecting to ${percentTo(precision - 1, 1)}${stopsEarly ? ', stopping trials early' : ''}: ` +
      `held as it is ${percentTo(coverageAt(1), 1)}; widened by ${percentTo(widening - 1, 1)} on either side ` +
      `${percentTo(coverageAt(widening), 1)}, half-width ${percentTo(width, 1)} in the median, ${seconds.toFixed(1)} s of load in the mean.`,
  );
  return { seconds, width };
}

function foundIn(searched: readonly Searched[]): Found[] {
  return searched.flatMap(({ found }) => found.filter(search => search !== undefined));
}

function judge(what: string, holds: boolean): void {
  print(`${holds ? 'met' : 'MISSED'}: ${what}`);
  if (!holds) process.exitCode = 1;
}
