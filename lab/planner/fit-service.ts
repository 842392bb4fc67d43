import type { AppName } from '../../services/topologies.ts';
import { median } from '../analysis/mean.ts';
import type { Component } from '../experiment/trial-result.ts';
import type { Fraction, PerSecond, Seconds } from '../experiment/units.ts';
import {
  type CpuDemand,
  demandAt,
  measuredService,
  type ServiceModel,
  type WorkerDemand,
  workerDemandOf,
} from '../simulation/service-model.ts';
import { appOf } from './app-of.ts';
import { type Growth, growthsOf, withGrowths } from './fit-growth.ts';
import { fitMemory } from './fit-memory.ts';
import { type Belief, mostLikely } from './most-likely.ts';
import { type Observation, statementsIn } from './observation.ts';
import { workerDemandAt } from './worker-demand.ts';

/** How far a demand differs from one trial to the next, beside what is counted coarsely. */
const NOISE: Fraction = 0.06;
/** The system counts CPU time in steps of this. */
const TICK: Seconds = 0.01;
/** Of the logarithm of what another machine needs: a factor of two is nothing strange. */
const ELSEWHERE = 0.7;
/** CPU work takes about as long as asked, since the lab has measured how long it takes. */
const CPU_WORK = 0.1;
const READS = 0.5;
/** Below this the CPUs hold nothing up, from here on they are busy. */
const QUIET: Fraction = 0.35;
const BUSY: Fraction = 0.6;
const MOST_LOST: Fraction = 0.5;
/** After so many CPU work and the requests' own no longer change. */
const TURNS = 3;

/** Where a fit begins. */
export interface FitStart {
  /** What is believed of the service before anything is seen. */
  readonly believed: ServiceModel;
  /** Where to look first: near it one turn is enough. */
  readonly near?: ServiceModel;
  /** How demand grows with workers, where that is known already. */
  readonly growths?: readonly Growth[];
}

/** A service that was fitted, and how its demand was found to grow with workers. */
export interface FittedService {
  readonly service: ServiceModel;
  readonly growths: readonly Growth[];
}

/** The service as these trials show it; of what they do not show what is known of another machine stays. */
export function fitService(
  observations: readonly Observation[],
  cpus: number,
  source: string,
  { believed, near, growths: known }: FitStart = { believed: measuredService },
): FittedService {
  const first = near ?? believed;
  const turns = near === undefined ? TURNS : 1;
  const nginxProcesses = fittedNginxProcesses(observations, cpus);
  const reading = observations.filter(({ reads }) => reads > 0);
  let service: ServiceModel = {
    ...believed,
    ...{ source, nginxProcesses, cpuWork: first.cpuWork ?? 1, readStatement: first.readStatement ?? 1 },
    ...(near && { postgres: near.postgres, blockingWorker: near.blockingWorker, eventLoop: near.eventLoop }),
    nginx: fitDemand(believed.nginx, first.nginx, observations, 'nginx', ({ throughput }) => ({
      load: throughput / nginxProcesses,
      visits: 1,
    })),
    k6: fitDemand(believed.k6, first.k6, observations, 'k6', ({ throughput }) => ({
      load: throughput / cpus,
      visits: 1,
    })),
    lostCpu: fittedLoss(observations),
    memory: fitMemory(observations, believed.memory),
  };
  // What several of them share is fitted in turn with what each has alone, until they agree.
  for (let turn = 0; turn < turns; turn++) {
    const { readStatement } = service;
    service = {
      ...service,
      cpuWork: fitCpuWork(observations, service, believed),
      postgres: fitDemand(
        believed.postgres,
        service.postgres,
        observations.filter(isQuerying),
        'postgres',
        observation => {
          const visits = statementsIn(observation, readStatement);
          return { load: (observation.throughput * visits) / cpus, visits };
        },
      ),
    };
    service = { ...service, ...fitWorkers(observations, believed, service) };
    if (reading.length > 0) service = { ...service, readStatement: fitReadStatement(reading, service, believed, cpus) };
  }
  const growths = known ?? growthsOf(observations, service);
  const grown = withGrowths(service, growths);
  return { service: { ...grown, databaseWait: fittedWait(observations, grown, cpus) }, growths };
}

function isQuerying({ waits, reads }: Observation): boolean {
  return waits + reads > 0;
}

interface Visited {
  readonly load: PerSecond;
  readonly visits: number;
}

function fitDemand(
  believed: CpuDemand,
  first: CpuDemand,
  observations: readonly Observation[],
  component: Component,
  visited: (observation: Observation) => Visited,
): CpuDemand {
  const points = observations.map(observation => ({ ...visited(observation), observation }));
  const fitted = mostLikely(beliefsOf(believed, first), parameters => {
    const demand = demandFrom(parameters);
    return points.map(({ load, visits, observation }) =>
      residualOf(visits * demandAt(demand, load), observation.demand[component], observation.requests, 1),
    );
  });
  return demandFrom(fitted);
}

type Workers = Pick<ServiceModel, 'blockingWorker' | 'eventLoop' | 'expressLoop'>;

/** Each app's demands, beside what is shared: how long CPU work takes, and what a read counts. */
function fitWorkers(observations: readonly Observation[], believed: ServiceModel, shared: ServiceModel): Workers {
  const by = Map.groupBy(observations, appOf);
  const fitted = (app: AppName) =>
    fitWorker(workerDemandOf(believed, app), workerDemandOf(shared, app), by.get(app) ?? [], shared);
  return {
    blockingWorker: fitted('blocking-express'),
    eventLoop: fitted('fastify'),
    ...(by.has('express') && { expressLoop: fitted('express') }),
  };
}

function fitWorker(
  believed: WorkerDemand,
  first: WorkerDemand,
  observations: readonly Observation[],
  shared: ServiceModel,
): WorkerDemand {
  const beliefs = [...beliefsOf(believed.request, first.request), ...beliefsOf(believed.statement, first.statement)];
  const fitted = mostLikely(beliefs, parameters => {
    const worker = { ...believed, request: demandFrom(parameters), statement: demandFrom(parameters.slice(3)) };
    return observations.map(observation => workerResidual(worker, observation, shared));
  });
  return { ...believed, request: demandFrom(fitted), statement: demandFrom(fitted.slice(3)) };
}

function workerResidual(
  worker: WorkerDemand,
  observation: Observation,
  shared: Pick<ServiceModel, 'cpuWork' | 'readStatement'>,
): number {
  const expected = workerDemandAt(worker, observation, shared);
  return residualOf(expected, observation.demand.workers, observation.requests, observation.workers);
}

function fitCpuWork(observations: readonly Observation[], service: ServiceModel, believed: ServiceModel): Fraction {
  const computing = observations.filter(({ cpuWork }) => cpuWork > 0);
  const { cpuWork = 1 } = service;
  const [fitted = cpuWork] = mostLikely([{ value: believed.cpuWork ?? 1, deviation: CPU_WORK }], ([times = 1]) =>
    computing.map(observation =>
      workerResidual(workerDemandOf(service, appOf(observation)), observation, { ...service, cpuWork: times }),
    ),
  );
  return computing.length === 0 ? cpuWork : fitted;
}

/** By what reads cost workers and Postgres. */
function fitReadStatement(
  reading: readonly Observation[],
  service: ServiceModel,
  believed: ServiceModel,
  cpus: number,
): Fraction {
  const [fitted = 1] = mostLikely([{ value: believed.readStatement ?? 1, deviation: READS }], ([readStatement = 1]) =>
    reading.flatMap(observation => {
      const statements = statementsIn(observation, readStatement);
      const postgres = statements * demandAt(service.postgres, (observation.throughput * statements) / cpus);
      return [
        workerResidual(workerDemandOf(service, appOf(observation)), observation, { ...service, readStatement }),
        residualOf(postgres, observation.demand.postgres, observation.requests, 1),
      ];
    }),
  );
  return fitted;
}

function beliefsOf(believed: CpuDemand, first: CpuDemand): Belief[] {
  const starts = partsOf(first);
  return partsOf(believed).map((value, index) => {
    const start = starts[index];
    return { value, deviation: ELSEWHERE, ...(start !== undefined && start > 0 && { start }) };
  });
}

/** What of it can be shared, what cannot, and the load at which half of it is. */
function partsOf({ light, least, half }: CpuDemand): number[] {
  return [light - least, least, half];
}

/** Another service that may be believed in as well as this one, drawn at random as far as it is doubted. */
export function drawnBelief(believed: ServiceModel, normal: () => number): ServiceModel {
  const drawn = (demand: CpuDemand) => demandFrom(partsOf(demand).map(part => part * Math.exp(ELSEWHERE * normal())));
  const worker = (of: WorkerDemand): WorkerDemand => ({
    ...of,
    request: drawn(of.request),
    statement: drawn(of.statement),
  });
  const { expressLoop, cpuWork = 1, readStatement = 1 } = believed;
  return {
    ...believed,
    nginx: drawn(believed.nginx),
    k6: drawn(believed.k6),
    postgres: drawn(believed.postgres),
    blockingWorker: worker(believed.blockingWorker),
    eventLoop: worker(believed.eventLoop),
    ...(expressLoop && { expressLoop: worker(expressLoop) }),
    cpuWork: cpuWork * Math.exp(CPU_WORK * normal()),
    readStatement: readStatement * Math.exp(READS * normal()),
  };
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

/** What a wait takes beyond what was asked, where nothing else holds it up; half as much more or less, by chance. */
function fittedWait(
  observations: readonly Observation[],
  { databaseWait, postgres, readStatement }: ServiceModel,
  cpus: number,
): ServiceModel['databaseWait'] {
  const excess = observations.flatMap(observation => {
    const { wait, waits, throughput, cpuUtilisation } = observation;
    if (wait === 0 || cpuUtilisation > QUIET) return [];
    const statements = statementsIn(observation, readStatement);
    const computing = statements * demandAt(postgres, (throughput * statements) / cpus);
    return [(observation.databaseWait - wait - computing) / waits];
  });
  if (excess.length === 0) return databaseWait;
  const usual = Math.max(0, median(excess));
  return { ...databaseWait, least: usual / 2, most: 1.5 * usual };
}
