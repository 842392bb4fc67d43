import type { Objective, Workload } from '../../model/experiment.ts';
import type { Bytes, Fraction, PerSecond } from '../../model/quantities.ts';
import type { Topology, TopologyName } from '../../model/topology.ts';
import { type CpuDemand, mapDemands, noDemand, type ServiceModel } from '../simulation/service-model.ts';
import type { FittedModel } from './fitted-model.ts';

/** What is to be run, and on what. */
export interface Question {
  /** λ of today, over all machines. */
  readonly arrivalRate: PerSecond;
  /** Multiplies today's arrival rate. */
  readonly growth: number;
  /** The part of the capacity that stays free. */
  readonly headroom: Fraction;
  readonly objective: Objective;
  readonly workload: Workload;
  /** Each of them, where several are needed. */
  readonly machine: PlannedMachine;
  /** Only these are considered; absent: all of the run. */
  readonly topologies?: readonly TopologyName[];
  readonly prices?: Prices;
}

/** Costs in one currency for one period. */
export interface Prices {
  readonly machine: number;
  readonly gigabyte: number;
  readonly databaseConnection: number;
}

/** The machine that a service is planned for, and its surroundings. */
export interface PlannedMachine {
  readonly cpus: number;
  /** Without it memory is no limit. */
  readonly memory?: Bytes;
  /** Of Postgres in all; without it connections are no limit. */
  readonly databaseConnections?: number;
  /** Whether the load is generated on the machine itself, as in the measurement. */
  readonly generator: 'here' | 'elsewhere';
  readonly database: 'here' | 'elsewhere';
  /** Multiplies how long requests wait in the database. */
  readonly databaseWait: number;
  /** Multiplies the measured CPU of everything but the generator. */
  readonly serviceDemand: number;
}

/** The machine that was measured, as it was measured. */
export function measuredMachine(cpus: number): PlannedMachine {
  return { cpus, generator: 'here', database: 'here', databaseWait: 1, serviceDemand: 1 };
}

/** The topologies that a question considers. */
export function listCandidates({ topologies }: FittedModel, { topologies: asked }: Question): Topology[] {
  return topologies.filter(({ name }) => asked === undefined || asked.includes(name));
}

/** Today's load, grown. */
export function plannedLoad({ arrivalRate, growth }: Question): PerSecond {
  return arrivalRate * growth;
}

/** The capacity that carries the planned load and leaves the headroom free. */
export function requiredCapacity(question: Question): PerSecond {
  return plannedLoad(question) / (1 - question.headroom);
}

/** The service on that machine. */
export function serviceOn(service: ServiceModel, machine: PlannedMachine, measuredCpus: number): ServiceModel {
  const { generator, database, serviceDemand, cpus } = machine;
  const { cpuWork = 1, nginxProcesses = measuredCpus } = service;
  const changed = mapDemands(service, (demand, component): CpuDemand => {
    if (component === 'k6') return generator === 'here' ? demand : noDemand;
    if (component === 'postgres' && database === 'elsewhere') return noDemand;
    return { ...demand, light: demand.light * serviceDemand, least: demand.least * serviceDemand };
  });
  return {
    ...changed,
    // As many for each CPU as in the measurement.
    nginxProcesses: Math.max(1, Math.round((nginxProcesses * cpus) / measuredCpus)),
    cpuWork: cpuWork * serviceDemand,
  };
}

/** The workload with the waits of that machine's database. */
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
