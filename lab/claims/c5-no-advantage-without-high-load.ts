import type { Cell, Experiment, Workload } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { Measurement } from '../../model/measurement.ts';
import { type PerSecond, withInterval } from '../../model/quantities.ts';
import { saturationOf } from '../search/saturation.ts';
import { roughCapacity } from './capacities.ts';
import type { Claim, Evidence } from './claim.ts';
import { allOf, byBlock, completedOf, decided, figure, ratioOf, unmeasured } from './evidence.ts';
import { item, openPart, perCpu, wait } from './parts.ts';

const LOW = 0.1;
const TOPOLOGIES = ['sync', 'async-express'] as const;

/** Response times at a tenth of what the weaker one carries, on a wait and on a row that is read. */
export const c5: Claim = {
  id: 'C5',
  blocksEach: 2,
  claim: 'Without high load async has no advantage.',
  cells: machine => TOPOLOGIES.map(topology => cellOf(topology, wait, machine)),
  // What they carry of single rows nobody else asks for: a light load tells it near enough to take a tenth of it.
  look: ({ experiment }) =>
    TOPOLOGIES.map(topology => openPart(`item look ${topology}`, cellOf(topology, item, experiment), 20, 3)),
  parts(evidence) {
    const { experiment } = evidence;
    const waitRate = LOW * Math.min(...TOPOLOGIES.map(one => waitCapacity(one, evidence)));
    const itemRate = LOW * Math.min(...TOPOLOGIES.map(one => itemSaturation(one, evidence)));
    if (!(waitRate > 0 && itemRate > 0)) return [];
    return TOPOLOGIES.flatMap(topology => [
      openPart(`wait ${topology}`, cellOf(topology, wait, experiment), waitRate, 5),
      openPart(`item ${topology}`, cellOf(topology, item, experiment), itemRate, 3),
    ]);
  },
  judge(evidence) {
    const median = (part: string) => byBlock(evidence, 'C5', part, medianFromSend);
    const onWait = ratioOf(median('wait async-express'), median('wait sync'));
    const onItem = ratioOf(median('item async-express'), median('item sync'));
    const figures = [
      figure('async-express ÷ sync, median response time on wait', '', onWait),
      figure('async-express ÷ sync, median response time on /items/:id', '', onItem),
    ];
    const verdict = allOf([onWait, onItem].map(ratio => decided(ratio, { from: 0.9, to: 1.1 })));
    if (verdict === 'unmeasured') return unmeasured(evidence, 'C5', figures);
    const sentence =
      `At a tenth of what the weaker one carries, a response of async-express takes ${withInterval(onWait)} times as long ` +
      `as one of sync on wait and ${withInterval(onItem)} times on /items/:id (the line: 0.9 to 1.1).`;
    return { verdict, sentence, figures };
  },
};

/** The median response time from the real send: what the generator's own timers add says nothing about the service. */
export function medianFromSend({ responseTimeFromSend }: Measurement): number {
  return quantile(responseTimeFromSend, 0.5);
}

function cellOf(topology: (typeof TOPOLOGIES)[number], workload: Workload, machine: Pick<Experiment, 'cpus'>): Cell {
  return { deployment: perCpu(topology, machine), workload };
}

function waitCapacity(topology: (typeof TOPOLOGIES)[number], evidence: Evidence): PerSecond {
  return roughCapacity(cellOf(topology, wait, evidence.experiment), evidence) ?? Number.NaN;
}

function itemSaturation(topology: (typeof TOPOLOGIES)[number], { experiment, results }: Evidence): PerSecond {
  const [look] = completedOf(results, 'C5', `item look ${topology}`);
  if (look === undefined) return Number.NaN;
  return saturationOf(look.trial, look.measurement, experiment.cpus)?.load ?? Number.NaN;
}
