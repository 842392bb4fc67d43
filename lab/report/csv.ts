import { stringify } from 'csv-stringify/sync';
import { type Containers, deploymentName, limitedContainers } from '../../model/deployment.ts';
import { type Component, components } from '../../model/measurement.ts';
import type { Report, ReportedCell } from './report.ts';

/** A row for each cell, for a spreadsheet or a plot; units are in the head, and what is not known is empty. */
export function csvOf({ workloads, comparison }: Report): string {
  const isLimited = comparison.cells.some(({ deployment }) => deployment.containers);
  const rows = workloads.flatMap(({ workload, cells }) =>
    cells.map(cell => ({
      ...rowOf(workload.name, cell),
      runtime: comparison.runtime,
      ...(isLimited && limitsIn(cell.deployment.containers)),
    })),
  );
  // What begins with = would be computed by a spreadsheet.
  return stringify(rows, { header: true, escape_formulas: true });
}

type Value = string | number | undefined;

function rowOf(workload: string, cell: ReportedCell): Record<string, Value> {
  const { deployment, capacity, responseTime, serviceDemand, memory, bottleneck } = cell;
  const found = capacity.state === 'bracketed' ? capacity : undefined;
  return {
    workload,
    deployment: deploymentName(deployment),
    topology: deployment.topology,
    processes: deployment.processes,
    threads_per_process: deployment.threadsPerProcess,
    database_connections: deployment.databaseConnections,
    workers: cell.workers,
    capacity_state: capacity.state,
    capacity_per_second: found?.estimate,
    capacity_low_per_second: capacity.state === 'at-least' ? capacity.low : found?.low,
    capacity_high_per_second: found?.high,
    capacity_interval: found?.interval,
    stopped_by: bottleneck?.resource ?? undefined,
    at_load_per_second: responseTime?.arrivalRate,
    response_time_p50_s: responseTime?.p50,
    response_time_p99_s: responseTime?.p99,
    ...byComponent('cpu', 's_per_request', serviceDemand),
    ...byComponent('memory', 'bytes', memory),
    trials: cell.trials,
    invalid_trials: cell.invalidTrials,
  };
}

/** `workers_cpus` and so on, where any cell has limits. */
function limitsIn(containers: Containers = {}): Record<string, Value> {
  const columns = limitedContainers.flatMap((container): [string, Value][] => {
    const { cpus, cpuset, memory } = containers[container] ?? {};
    return [
      [`${container}_cpus`, cpus],
      [`${container}_cpuset`, cpuset],
      [`${container}_memory_limit_bytes`, memory],
    ];
  });
  return Object.fromEntries(columns);
}

/** `cpu_workers_s_per_request` and so on. */
function byComponent(what: string, unit: string, values: Record<Component, number> | null): Record<string, Value> {
  return Object.fromEntries(components.map(component => [`${what}_${component}_${unit}`, values?.[component]]));
}
