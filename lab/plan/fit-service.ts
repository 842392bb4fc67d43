import type { Component } from '../../model/measurement.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import { median } from '../../model/statistics.ts';
import { type CpuDemand, demandAt, measuredService, type ServiceModel } from '../simulation/service-model.ts';
import { beliefsOf, demandFrom, residualOf } from './demand-belief.ts';
import { type Growth, growthsOf, withGrowths } from './fit-growth.ts';
import { fitMemory } from './fit-memory.ts';
import { fitCpuWork, fitReadStatement, fitWorkers } from './fit-workers.ts';
import { mostLikely } from './most-likely.ts';
import { statementsIn, type TrialObservation } from './trial-observation.ts';

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
  observations: readonly TrialObservation[],
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
    ...(near && { postgres: near.postgres, workers: near.workers }),
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

function isQuerying({ waits, reads }: TrialObservation): boolean {
  return waits + reads > 0;
}

interface Visited {
  readonly load: PerSecond;
  readonly visits: number;
}

function fitDemand(
  believed: CpuDemand,
  first: CpuDemand,
  observations: readonly TrialObservation[],
  component: Component,
  visited: (observation: TrialObservation) => Visited,
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

function fittedNginxProcesses(observations: readonly TrialObservation[], cpus: number): number {
  const read = observations.filter(({ nginxProcesses, requests }) => nginxProcesses > 0 && requests > 200);
  return read.length === 0 ? cpus : Math.max(1, Math.round(median(read.map(({ nginxProcesses }) => nginxProcesses))));
}

function fittedLoss(observations: readonly TrialObservation[]): Fraction {
  const busy = observations.filter(({ cpuUtilisation }) => cpuUtilisation > BUSY);
  return busy.length === 0 ? 0 : Math.min(MOST_LOST, median(busy.map(({ lostCpu }) => lostCpu)));
}

/** What a wait takes beyond what was asked, where nothing else holds it up; half as much more or less, by chance. */
function fittedWait(
  observations: readonly TrialObservation[],
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
