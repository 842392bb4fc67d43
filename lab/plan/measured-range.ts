import { cellName } from '../../model/experiment.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { appOf } from './app-of.ts';
import type { MeasuredRange, Range } from './fitted-model.ts';
import { observedCells, type TrialObservation } from './trial-observation.ts';

/** What these trials cover. */
export function measuredRange(observations: readonly TrialObservation[]): MeasuredRange {
  const byApp = Map.groupBy(observations, appOf);
  const each = (of: (observation: TrialObservation) => number): Partial<Record<string, Range>> =>
    Object.fromEntries([...byApp].map(([app, own]) => [app, rangeOf(own.map(of))]));
  return {
    trials: observations.length,
    cells: observedCells(observations).map(cellName),
    apps: [...byApp.keys()],
    routes: [...new Set(observations.flatMap(({ cell }) => cell.workload.requests.map(({ route }) => route)))],
    workers: each(({ workers }) => workers),
    perWorker: each(({ throughput, workers }) => throughput / workers),
    throughput: rangeOf(observations.map(({ throughput }) => throughput)),
    wait: rangeOf(observations.map(({ wait }) => wait)),
    cpuWork: rangeOf(observations.map(({ cpuWork }) => cpuWork)),
    assumed: assumedOf(observations),
    connections: rangeOf(observations.map(({ cell }) => cell.deployment.databaseConnections)),
  };
}

/** Always the memory of a request in progress: beside that of its process it is too small to be seen. */
function assumedOf(observations: readonly TrialObservation[]): string[] {
  const seen = (is: (observation: TrialObservation) => boolean) => observations.some(is);
  const threads = ({ cell }: TrialObservation) => cell.deployment.threadsPerProcess > 1;
  const isBlocking = ({ cell }: TrialObservation) => isConcurrencyLimited(cell.deployment.spec);
  const oneThread = (one: TrialObservation) => isBlocking(one) && !threads(one);
  const blocking = seen(isBlocking);
  return [
    ...(seen(({ reads }) => reads > 0) ? [] : ['what a read costs beside a wait']),
    ...(seen(({ cpuWork }) => cpuWork > 0) ? [] : ['how long CPU work takes']),
    ...(seen(({ wait }) => wait > 0) ? [] : ['what a wait takes beyond what is asked']),
    ...(blocking && !seen(threads) ? ['memory of further threads'] : []),
    ...(blocking && !seen(oneThread) ? ['memory of a blocking process'] : []),
    'memory of a request in progress',
  ];
}

function rangeOf(values: readonly number[]): Range {
  return values.length === 0 ? { least: 0, most: 0 } : { least: Math.min(...values), most: Math.max(...values) };
}
