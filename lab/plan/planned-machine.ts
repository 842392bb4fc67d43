import type { Workload } from '../../model/experiment.ts';
import type { Bytes } from '../../model/quantities.ts';
import { type CpuDemand, mapWorkers, type ServiceModel, type WorkerDemand } from '../simulation/service-model.ts';

/** The machine that a service shall run on, and what else is supposed of its surroundings. */
export interface PlannedMachine {
  readonly cpus: number;
  /** Of everything that runs on it; without it memory is no limit. */
  readonly memory?: Bytes;
  /** That Postgres gives away in all; without it connections are no limit. */
  readonly databaseConnections?: number;
  /** Whether the load is generated on the machine itself, as it was where it was measured. */
  readonly generator: 'here' | 'elsewhere';
  /** Whether Postgres computes on the same machine, or on one of its own. */
  readonly database: 'here' | 'elsewhere';
  /** How many times as long as asked requests wait in the database. */
  readonly databaseWait: number;
  /** How many times as much CPU as measured everything but the generator takes. */
  readonly serviceDemand: number;
}

/** The machine that was measured, as it was measured. */
export function measuredMachine(cpus: number): PlannedMachine {
  return { cpus, generator: 'here', database: 'here', databaseWait: 1, serviceDemand: 1 };
}

const NONE: CpuDemand = { light: 0, least: 0, half: 1 };

/** The service on that machine: without the generator, and with other demands, where that is supposed. */
export function serviceOn(
  service: ServiceModel,
  { generator, database, serviceDemand, cpus }: PlannedMachine,
  measuredCpus: number,
): ServiceModel {
  const times = (demand: CpuDemand): CpuDemand => ({
    ...demand,
    light: demand.light * serviceDemand,
    least: demand.least * serviceDemand,
  });
  const worker = (of: WorkerDemand) => ({
    ...of,
    request: times(of.request),
    statement: times(of.statement),
  });
  const { k6, cpuWork = 1, nginxProcesses = measuredCpus } = service;
  return {
    ...service,
    // As many for each CPU as where it was measured.
    nginxProcesses: Math.max(1, Math.round((nginxProcesses * cpus) / measuredCpus)),
    nginx: times(service.nginx),
    postgres: database === 'here' ? times(service.postgres) : NONE,
    workers: mapWorkers(service, worker),
    cpuWork: cpuWork * serviceDemand,
    k6: generator === 'here' ? k6 : NONE,
  };
}

/** The workload as it is where the database takes that much longer for its waits. */
export function workloadOn({ name, requests }: Workload, { databaseWait }: PlannedMachine): Workload {
  if (databaseWait === 1) return { name, requests };
  return {
    name,
    requests: requests.map(request => {
      const { ms } = request.parameters;
      return ms === undefined ? request : { ...request, parameters: { ...request.parameters, ms: ms * databaseWait } };
    }),
  };
}
