import { topologyOf } from '../../services/topologies.ts';
import { workerCount } from '../experiment/cell.ts';
import type { Cell, Experiment } from '../experiment/experiment.ts';
import { components, type Measurement, type Resource, resources } from '../experiment/trial-result.ts';
import type { Fraction } from '../experiment/units.ts';
import type { LoadPoint } from './load-curve.ts';
import { bracketOf } from './load-curve.ts';
import { counted, milliseconds, percent, quantileName, rounded } from './numbers.ts';
import { busyPerRequest, holdPerRequest, othersShareOf } from './saturation.ts';
import type { Miss } from './verdict.ts';

/** What stopped a cell, with the numbers that say so. */
export interface Bottleneck {
  /** `null`: none was used up. */
  readonly resource: Resource | null;
  /** Of that resource, or of the busiest one. */
  readonly utilisation: Fraction;
  readonly sentence: string;
}

/** A resource that is busy for this part of the time is used up: what is left are gaps between requests. */
const USED_UP = 0.9;

/** What stopped the cell whose curve this is; `undefined` when nothing was measured. */
export function bottleneckOf(cell: Cell, curve: readonly LoadPoint[], experiment: Experiment): Bottleneck | undefined {
  const { high } = bracketOf(curve);
  const point = curve.find(({ arrivalRate }) => arrivalRate === high) ?? curve.at(-1);
  if (point === undefined) return undefined;
  const { utilisation } = point.measurement;
  const busiest = resources.reduce((most, one) => (utilisation[one] > utilisation[most] ? one : most));
  // Where the CPUs are used up, workers and connections are busy because they wait for a CPU.
  const resource = utilisation.cpu >= USED_UP ? 'cpu' : busiest;
  if (utilisation[resource] < USED_UP) {
    return {
      resource: null,
      utilisation: utilisation[busiest],
      sentence: `no resource was used up; ${outcomeOf(point, experiment)}`,
    };
  }
  return {
    resource,
    utilisation: utilisation[resource],
    sentence: sentences[resource](cell, point.measurement, experiment),
  };
}

const sentences: Record<Resource, (cell: Cell, measurement: Measurement, experiment: Experiment) => string> = {
  cpu(_cell, measurement, { cpus }) {
    const { utilisation, cpuShare } = measurement;
    const shares = components.toSorted((a, b) => cpuShare[b] - cpuShare[a]);
    const list = shares.map(component => `${component} ${percent(cpuShare[component])}`);
    const other = othersShareOf(measurement);
    if (other >= 0.02) list.push(`everything else ${percent(other)}`);
    const subject = cpus === 1 ? 'the CPU was' : `the ${cpus} CPUs were`;
    return `${subject} ${percent(utilisation.cpu)} busy: ${list.join(', ')}`;
  },
  workers(cell, measurement) {
    const workers = workerCount(cell);
    const seconds = busyPerRequest(measurement);
    const { blocking } = topologyOf(cell.deployment.topology);
    const subject = counted(workers, blocking ? 'worker' : 'event loop');
    const holding = workers === 1 ? 'holding' : 'each holding';
    const time = `${milliseconds(seconds)} ms`;
    const each = blocking ? `${holding} a request for ${time}` : `${time} for each request`;
    const busy = percent(measurement.utilisation.workers);
    const limit = `${workers} ÷ ${rounded(seconds)} s = ${rounded(workers / seconds)}/s`;
    return `${subject} busy ${busy} of the time, ${each}: ${limit}`;
  },
  'database-connections'(cell, measurement) {
    const { databaseConnections } = cell.deployment;
    const seconds = holdPerRequest(measurement);
    const limit = `${databaseConnections} ÷ ${rounded(seconds)} s = ${rounded(databaseConnections / seconds)}/s`;
    const subject = counted(databaseConnections, 'database connection');
    const inUse = percent(measurement.utilisation['database-connections']);
    return `${subject} in use ${inUse} of the time, each held for ${milliseconds(seconds)} ms a request: ${limit}`;
  },
};

function outcomeOf({ arrivalRate, verdict, measurement }: LoadPoint, { objective }: Experiment): string {
  const at = `at ${rounded(arrivalRate)}/s`;
  const [miss] = verdict.misses;
  if (miss !== undefined) return `${missed(miss, objective.quantile)} ${at}`;
  const { utilisation } = measurement;
  const list = resources.map(resource => `${resource} ${percent(utilisation[resource])}`).join(', ');
  return `the highest load that was tried, ${rounded(arrivalRate)}/s, was still carried (${list})`;
}

function missed(miss: Miss, quantile: Fraction): string {
  switch (miss.kind) {
    case 'nothing-scored':
      return 'no request was scored';
    case 'response-time':
      return `the ${quantileName(quantile)} response time was ${milliseconds(miss.atQuantile)} ms`;
    case 'errors':
      return `${percent(miss.fraction)} of the requests failed`;
    case 'throughput':
      return `only ${percent(miss.ofOfferedLoad)} of the offered load was completed`;
    case 'growth':
      return `requests in progress grew by ${rounded(miss.perSecond)} a second`;
    case 'stopped-early':
      return 'the objective was missed';
  }
}
