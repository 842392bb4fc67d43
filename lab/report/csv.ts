import { stringify } from 'csv-stringify/sync';
import { type Containers, deploymentName, limitedContainers } from '../../model/deployment.ts';
import { type Component, components } from '../../model/measurement.ts';
import type { Report, ReportedCell } from './report.ts';

/** Renders a row for each cell, with units in the head; what is not known is empty. */
export function renderCsv({ workloads, comparison }: Report): string {
  const isLimited = comparison.cells.some(({ deployment }) => deployment.containers);
  const rows = workloads.flatMap(({ workload, cells }) =>
    cells.map(cell => ({
      ...buildRow(workload.name, cell),
      runtime: comparison.runtime,
      ...(isLimited && limitColumns(cell.deployment.containers)),
    })),
  );
  // A spreadsheet would compute what begins with =.
  return stringify(rows, { header: true, escape_formulas: true });
}

type Value = string | number | undefined;

function buildRow(workload: string, cell: ReportedCell): Record<string, Value> {
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
function limitColumns(containers: Containers = {}): Record<string, Value> {
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
