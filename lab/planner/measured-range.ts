import type { AppName } from '../../services/topologies.ts';
import { cellName } from '../experiment/cell.ts';
import { appOf } from './app-of.ts';
import type { MeasuredRange, Range } from './fitted-model.ts';
import { type Observation, observedCells } from './observation.ts';

/** What these trials cover. */
export function measuredRange(observations: readonly Observation[]): MeasuredRange {
  const byApp = Map.groupBy(observations, appOf);
  const each = (of: (observation: Observation) => number): Partial<Record<AppName, Range>> =>
    Object.fromEntries([...byApp].map(([app, own]) => [app, rangeOf(own.map(of))]));
  return {
    trials: observations.length,
    cells: observedCells(observations).map(cellName),
    apps: [...byApp.keys()],
    workers: each(({ workers }) => workers),
    perWorker: each(({ throughput, workers }) => throughput / workers),
    throughput: rangeOf(observations.map(({ throughput }) => throughput)),
    wait: rangeOf(observations.map(({ wait }) => wait)),
    cpuWork: rangeOf(observations.map(({ cpuWork }) => cpuWork)),
    connections: rangeOf(observations.map(({ cell }) => cell.deployment.databaseConnections)),
  };
}

function rangeOf(values: readonly number[]): Range {
  return values.length === 0 ? { least: 0, most: 0 } : { least: Math.min(...values), most: Math.max(...values) };
}
