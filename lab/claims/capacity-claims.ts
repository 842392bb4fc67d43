import { deploymentOf } from '../../model/deployment.ts';
import type { Cell } from '../../model/experiment.ts';
import type { Measurement } from '../../model/measurement.ts';
import { type PerSecond, withInterval } from '../../model/quantities.ts';
import {
  type ByBlock,
  exponential,
  type Interval,
  mean,
  normalQuantile,
  quotient,
  welchHalfWidth,
} from '../../model/statistics.ts';
import { capacityRatio } from '../compare/ratios.ts';
import { blockEstimates, findCapacity, LEAST_BLOCKS, sharedDeviation } from '../search/capacity.ts';
import { buildLoadCurve } from '../search/load-curve.ts';
import {
  CLAIM_CONFIDENCE,
  type Claim,
  decide,
  decideAll,
  type Evidence,
  figure,
  type Machine,
  meanOverBlocks,
  perCpu,
  ratioByBlock,
  shippedCell,
  shippedWorkload,
  subtractByBlock,
} from './claim.ts';
import { ABOUT_THE_SAME, AS_EXPECTED } from './lines.ts';

/** C3: the capacity on 5 ms of computing, of as many blocking workers and event loops as CPUs. */
export const sameWhenComputing: Claim = {
  cells: machine => ['sync', 'async-express', 'hybrid'].map(topology => shippedCell(topology, 'cpu', machine)),
  judge(evidence) {
    const [sync, control, hybrid] = ['sync', 'async-express', 'hybrid'].map(topology =>
      shippedCell(topology, 'cpu', evidence.experiment),
    ) as [Cell, Cell, Cell];
    const ratio = compareCapacities(control, sync, evidence);
    const other = compareCapacities(hybrid, sync, evidence);
    const beside = Number.isFinite(other.low) ? `; hybrid, in another framework, ${withInterval(other)} times` : '';
    return {
      figures: [
        // Decides, since it has its framework in common with sync; hybrid differs in two things.
        figure('async-express ÷ sync, capacity on cpu', '', ratio, ABOUT_THE_SAME),
        figure('hybrid ÷ sync, capacity on cpu', '', other),
      ],
      sentence: `On cpu async-express carries ${withInterval(ratio)} times what sync carries (the line: 0.9 to 1.1)${beside}.`,
    };
  },
};

/** Blocking threads of a process that take about as much memory as one event loop: 84 MB against 80 (docs/memory.md). */
const THREADS_OF_EQUAL_MEMORY = 2;

/** C4: the capacity on waits of 20 ms, of event loops and of as many, as concurrent and as large blocking workers. */
export const moreWhenWaiting: Claim = {
  cells: machine => [
    shippedCell('async-express', 'wait', machine),
    shippedCell('hybrid', 'wait', machine),
    ...Object.values(blockingCells(machine)),
  ],
  judge(evidence) {
    const comparisons = Object.entries(blockingCells(evidence.experiment)).map(([name, blocking]) =>
      compareWithLoops(name, blocking, evidence),
    );
    return {
      decisions: comparisons.map(({ decision }) => decision),
      figures: comparisons.flatMap(({ figures }) => figures),
      sentence: `${comparisons.map(({ clause }) => clause).join('; ')}.`,
      partial: comparisons.some(({ decision }) => decision !== 'unmeasured'),
    };
  },
};

/** Blocking workers that equal the event loops in one respect. */
function blockingCells(machine: Machine): Record<string, Cell> {
  const { cpus } = machine;
  const threads = (processes: number, threadsPerProcess: number) => ({
    deployment: deploymentOf('sync-threads', cpus, { processes, threadsPerProcess }),
    workload: shippedWorkload('wait'),
  });
  const { databaseConnections } = perCpu('async-express', machine);
  // The largest number of processes that can share the connections evenly.
  let processes = Math.min(databaseConnections, cpus);
  while (databaseConnections % processes !== 0) processes--;
  return {
    'workers = CPUs': shippedCell('sync', 'wait', machine),
    'equal concurrency': threads(processes, databaseConnections / processes),
    'equal memory': threads(cpus, THREADS_OF_EQUAL_MEMORY),
  };
}

function compareWithLoops(name: string, blocking: Cell, evidence: Evidence) {
  const loops = shippedCell('async-express', 'wait', evidence.experiment);
  const ratio = compareCapacities(loops, blocking, evidence);
  const hybrid = compareCapacities(shippedCell('hybrid', 'wait', evidence.experiment), blocking, evidence);
  const [memory, ofBlocking] = [loops, blocking].map(cell => atCapacity(cell, evidence, one => one.memory.workers));
  const [busy, busyBlocking] = [loops, blocking].map(cell => atCapacity(cell, evidence, one => one.utilisation.cpu));
  const busier = meanOverBlocks(subtractByBlock(busy ?? new Map(), busyBlocking ?? new Map()));
  const serves = decide(ratio, { from: 1 });
  const decision = decideAll([serves, decide(busier, { from: 0 })]);
  const said = `${decision}, async-express carries ${withInterval(ratio)} times as much and keeps the CPUs busier by ${withInterval(busier)}`;
  return {
    decision,
    clause: `${name}: ${serves === 'unmeasured' ? serves : said}`,
    figures: [
      figure(`${name}: async-express ÷ blocking, capacity on wait`, '', ratio),
      figure(`${name}: hybrid ÷ blocking, capacity on wait`, '', hybrid),
      figure(`${name}: async-express − blocking, CPU utilisation at capacity`, '', busier),
      figure(
        `${name}: async-express ÷ blocking, memory at capacity`,
        '',
        ratioByBlock(memory ?? new Map(), ofBlocking ?? new Map()),
      ),
    ],
  };
}

/** C12: the capacity on 5 ms of computing, of one event loop and of one for each CPU. */
export const allCpusOrOne: Claim = {
  cells: machine => [shippedCell('hybrid', 'cpu', machine), shippedCell('async', 'cpu', machine)],
  judge(evidence) {
    const { cpus } = evidence.experiment;
    const hybrid = shippedCell('hybrid', 'cpu', evidence.experiment);
    const ratio = compareCapacities(hybrid, shippedCell('async', 'cpu', evidence.experiment), evidence);
    // What nginx, Postgres, k6 and other programs leave to the workers.
    const left = meanOverBlocks(
      atCapacity(hybrid, evidence, ({ utilisation, cpuShare }) => cpus * (1 - (utilisation.cpu - cpuShare.workers))),
    );
    const ofExpected = quotient(ratio, left);
    return {
      figures: [
        figure('hybrid ÷ async, capacity on cpu', '', ratio),
        figure('CPUs less those that everything else uses at capacity', '', left),
        figure('the ratio ÷ those CPUs', '', ofExpected, AS_EXPECTED),
      ],
      sentence:
        `On cpu hybrid carries ${withInterval(ratio)} times what async carries; everything else leaves the workers ` +
        `${withInterval(left)} of the ${cpus} CPUs, and the ratio is ${withInterval(ofExpected)} of that (the line: 0.85 to 1.15).`,
    };
  },
};

/**
 * Capacity of `of` ÷ that of `to`: paired by block if enough blocks show both, otherwise compared as independent samples.
 * NaN if neither is possible.
 */
function compareCapacities(of: Cell, to: Cell, { experiment, results }: Evidence): Interval {
  const paired = capacityRatio(of, to, results, experiment, CLAIM_CONFIDENCE);
  if (paired !== undefined) return paired;
  const [one = [], other = []] = [of, to].map(cell =>
    [...blockEstimates(cell, results, experiment).values()].map(Math.log),
  );
  if (Math.min(one.length, other.length) < LEAST_BLOCKS) {
    return { estimate: Number.NaN, low: Number.NaN, high: Number.NaN };
  }
  const shared = Math.hypot(...[of, to].map(cell => sharedDeviation(cell, results, experiment)));
  const half = Math.hypot(
    welchHalfWidth(one, other, CLAIM_CONFIDENCE),
    normalQuantile((1 + CLAIM_CONFIDENCE) / 2) * shared,
  );
  const difference = mean(one) - mean(other);
  return exponential({ estimate: difference, low: difference - half, high: difference + half });
}

/** The capacity of a cell as far as it is known. */
export function roughCapacity(cell: Cell, { experiment, results }: Evidence): PerSecond | undefined {
  const capacity = findCapacity(cell, results, experiment);
  if (capacity.state === 'bracketed') return capacity.estimate;
  return capacity.state === 'at-least' ? capacity.low : undefined;
}

/** A value of each block's trial that is nearest to capacity on the log scale. */
function atCapacity(cell: Cell, evidence: Evidence, read: (measurement: Measurement) => number): ByBlock {
  const { experiment, results } = evidence;
  const capacity = roughCapacity(cell, evidence);
  if (capacity === undefined) return new Map();
  const distance = (arrivalRate: PerSecond) => Math.abs(Math.log(arrivalRate / capacity));
  const curve = buildLoadCurve(cell, results, experiment.objective);
  // Map keeps the last value of a block: the nearest.
  const nearestLast = curve.toSorted((a, b) => distance(b.arrivalRate) - distance(a.arrivalRate));
  return new Map(nearestLast.map(({ trial, measurement }) => [trial.block, read(measurement)]));
}
