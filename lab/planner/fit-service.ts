import { type AppName, topologyOf } from '../../services/topologies.ts';
import type { Component } from '../experiment/trial-result.ts';
import type { Fraction, PerSecond, Seconds } from '../experiment/units.ts';
import {
  type CpuDemand,
  demandAt,
  growthAt,
  measuredService,
  type ServiceModel,
  type WorkerDemand,
  workerDemandOf,
} from '../simulation/service-model.ts';
import { fitMemory } from './fit-memory.ts';
import { type Belief, mostLikely } from './most-likely.ts';
import type { Observation } from './observation.ts';

/** How far a demand differs from one trial to the next, beside what is counted coarsely. */
const NOISE: Fraction = 0.06;
/** The system counts CPU time in steps of this. */
const TICK: Seconds = 0.01;
/** Of the logarithm of what another machine needs: a factor of two is nothing strange. */
const ELSEWHERE = 0.7;
/** CPU work takes about as long as asked, since the lab has measured how long it takes. */
const CPU_WORK = 0.1;
/** Below this the CPUs hold nothing up, from here on they are busy. */
const QUIET: Fraction = 0.35;
const BUSY: Fraction = 0.6;
const MOST_LOST: Fraction = 0.5;
/** After so many CPU work and the requests' own no longer change. */
const TURNS = 3;

/** The service as these trials show it; of what they do not show what is known of another machine stays. */
export function fitService(
  observations: readonly Observation[],
  cpus: number,
  source: string,
  believed: ServiceModel = measuredService,
): ServiceModel {
  const nginxProcesses = fittedNginxProcesses(observations, cpus);
  const querying = observations.filter(({ statements }) => statements > 0);
  const postgres = fitDemand(believed.postgres, querying, 'postgres', ({ throughput, statements }) => ({
    load: (throughput * statements) / cpus,
    visits: statements,
  }));
  const workers = fitWorkers(observations, believed);
  return {
    ...believed,
    source,
    nginxProcesses,
    nginx: fitDemand(believed.nginx, observations, 'nginx', ({ throughput }) => ({
      load: throughput / nginxProcesses,
      visits: 1,
    })),
    k6: fitDemand(believed.k6, observations, 'k6', ({ throughput }) => ({ load: throughput / cpus, visits: 1 })),
    postgres,
    ...workers,
    databaseWait: fittedWait(observations, postgres, cpus, believed),
    lostCpu: fittedLoss(observations),
    memory: fitMemory(observations, believed.memory),
  };
}

interface Visited {
  readonly load: PerSecond;
  readonly visits: number;
}

function fitDemand(
  believed: CpuDemand,
  observations: readonly Observation[],
  component: Component,
  visited: (observation: Observation) => Visited,
): CpuDemand {
  const points = observations.map(observation => ({ ...visited(observation), observation }));
  const fitted = mostLikely(beliefsOf(believed), parameters => {
    const demand = demandFrom(parameters);
    return points.map(({ load, visits, observation }) =>
      residualOf(visits * demandAt(demand, load), observation.demand[component], observation.requests, 1),
    );
  });
  return demandFrom(fitted);
}

type Workers = Pick<ServiceModel, 'blockingWorker' | 'eventLoop' | 'expressLoop' | 'cpuWork'>;

/** Each app's demands, and what all of them share: how long CPU work takes. They are fitted in turn until they agree. */
function fitWorkers(observations: readonly Observation[], believed: ServiceModel): Workers {
  const by = Map.groupBy(observations, appOf);
  const fitted = (app: AppName, cpuWork: Fraction) =>
    fitWorker(workerDemandOf(believed, app), by.get(app) ?? [], cpuWork);
  let workers: Workers = { ...believed, cpuWork: believed.cpuWork ?? 1 };
  for (let turn = 0; turn < TURNS; turn++) {
    const cpuWork = fitCpuWork(observations, { ...believed, ...workers });
    workers = {
      cpuWork,
      blockingWorker: fitted('blocking-express', cpuWork),
      eventLoop: fitted('fastify', cpuWork),
      ...(by.has('express') && { expressLoop: fitted('express', cpuWork) }),
    };
  }
  return workers;
}

/** The app that a worker of the observed cell runs. */
export function appOf({ cell }: Pick<Observation, 'cell'>): AppName {
  return topologyOf(cell.deployment.topology).app;
}

function fitWorker(believed: WorkerDemand, observations: readonly Observation[], cpuWork: Fraction): WorkerDemand {
  const beliefs = [...beliefsOf(believed.request), ...beliefsOf(believed.statement)];
  const fitted = mostLikely(beliefs, parameters => {
    const worker = { request: demandFrom(parameters), statement: demandFrom(parameters.slice(3)) };
    return observations.map(observation =>
      residualOf(
        workerDemandAt({ ...believed, ...worker }, observation, cpuWork),
        observation.demand.workers,
        observation.requests,
        observation.workers,
      ),
    );
  });
  return { ...believed, request: demandFrom(fitted), statement: demandFrom(fitted.slice(3)) };
}

/** CPU of a worker per request at the load that was observed. */
export function workerDemandAt(
  { request, statement, growth }: WorkerDemand,
  { throughput, workers, statements, cpuWork }: Pick<Observation, 'throughput' | 'workers' | 'statements' | 'cpuWork'>,
  times: Fraction,
): Seconds {
  const load = throughput / workers;
  const own = demandAt(request, load) + statements * demandAt(statement, load * statements);
  return times * cpuWork + growthAt(growth, workers) * own;
}

function fitCpuWork(observations: readonly Observation[], believed: ServiceModel): Fraction {
  const computing = observations.filter(({ cpuWork }) => cpuWork > 0);
  const [fitted = 1] = mostLikely([{ value: believed.cpuWork ?? 1, deviation: CPU_WORK }], ([times = 1]) =>
    computing.map(observation => {
      const expected = workerDemandAt(workerDemandOf(believed, appOf(observation)), observation, times);
      return residualOf(expected, observation.demand.workers, observation.requests, observation.workers);
    }),
  );
  return fitted;
}

function beliefsOf({ light, least, half }: CpuDemand): Belief[] {
  return [light - least, least, half].map(value => ({ value, deviation: ELSEWHERE }));
}

/** From what can be shared, what cannot, and the load at which half of it is. */
function demandFrom([shared = 0, least = 0, half = 1]: readonly number[]): CpuDemand {
  return { light: least + shared, least, half };
}

/** In standard deviations. */
function residualOf(expected: Seconds, observed: Seconds, requests: number, processes: number): number {
  const coarse = (TICK * Math.sqrt(processes)) / requests;
  return (observed - expected) / Math.hypot(NOISE * expected, coarse);
}

function fittedNginxProcesses(observations: readonly Observation[], cpus: number): number {
  const read = observations.filter(({ nginxProcesses, requests }) => nginxProcesses > 0 && requests > 200);
  return read.length === 0 ? cpus : Math.max(1, Math.round(median(read.map(({ nginxProcesses }) => nginxProcesses))));
}

function fittedLoss(observations: readonly Observation[]): Fraction {
  const busy = observations.filter(({ cpuUtilisation }) => cpuUtilisation > BUSY);
  return busy.length === 0 ? 0 : Math.min(MOST_LOST, median(busy.map(({ lostCpu }) => lostCpu)));
}

/** What waits take beyond what was asked, where nothing else holds them up; half as much more or less, by chance. */
function fittedWait(
  observations: readonly Observation[],
  postgres: CpuDemand,
  cpus: number,
  { databaseWait }: ServiceModel,
): ServiceModel['databaseWait'] {
  const excess = observations.flatMap(({ wait, databaseWait, statements, throughput, cpuUtilisation }) => {
    if (wait === 0 || cpuUtilisation > QUIET) return [];
    return [databaseWait - wait - statements * demandAt(postgres, (throughput * statements) / cpus)];
  });
  if (excess.length === 0) return databaseWait;
  const usual = Math.max(0, median(excess));
  return { ...databaseWait, least: usual / 2, most: 1.5 * usual };
}

/** The middle value; of an even number the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
