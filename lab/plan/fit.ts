import { cellName, type Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import { median } from '../../model/statistics.ts';
import { seededRandom } from '../search/seeded.ts';
import {
  demandAt,
  mapDemands,
  measuredService,
  type ServiceModel,
  type WorkerDemand,
  workerDemandOf,
} from '../simulation/service-model.ts';
import { applyGrowths, fitGrowths, type Growth } from './fit-growth.ts';
import { fitMemory } from './fit-memory.ts';
import type { FittedModel } from './fitted-model.ts';
import { beliefsIn, computeResidual, demandFrom, drawDemand, mostLikely } from './most-likely.ts';
import { measureRange, observeTrials, statementsIn, type TrialObservation, workerDemandIn } from './observations.ts';

/** What a model is fitted to: a run, or a part of it. */
export interface Measured {
  readonly experiment: Experiment;
  readonly runtime: string;
  readonly results: readonly TrialResult[];
}

/** Enough for a standard deviation to within a quarter. */
const REPLICATES = 10;
/** Deviations of the logarithm: CPU work takes about as long as asked, what a read costs is known less well. */
const CPU_WORK: Fraction = 0.1;
const READS: Fraction = 0.5;
/** CPU utilisation below which the CPUs delay nothing, and above which they are busy. */
const QUIET: Fraction = 0.35;
const BUSY: Fraction = 0.6;
const MOST_LOST: Fraction = 0.5;
/** After so many the demands no longer change. */
const TURNS = 3;

/** Fits a model to the cells of a run for which `isFitted` holds. Deterministic. */
export function fitModel(
  { experiment, runtime, results }: Measured,
  isFitted: (name: string) => boolean = () => true,
): FittedModel {
  const { cpus, objective, topologies, cells, noise, seed, name } = experiment;
  const observations = observeTrials(results, measuredService).filter(({ cell }) => isFitted(cellName(cell)));
  const { service, growths } = fitService(observations, cpus, name);
  const random = seededRandom(seed, 0x6d6f_6465);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const replicates = Array.from({ length: observations.length === 0 ? 0 : REPLICATES }, () => {
    const believed = drawBelief(measuredService, normal);
    return fitService(resample(observations, random), cpus, name, { believed, near: service, growths }).service;
  });
  return {
    ...{ schema: 2, run: name, runtime, cpus, objective, topologies, service, replicates },
    workloads: [...new Map(cells.map(({ workload }) => [workload.name, workload])).values()],
    noise: noise.betweenBlocks,
    measured: measureRange(observations),
  };
}

/** As many trials, drawn with replacement (B. Efron's bootstrap). */
function resample(observations: readonly TrialObservation[], random: () => number): TrialObservation[] {
  return observations.flatMap(() => observations[Math.floor(random() * observations.length)] ?? []);
}

function drawBelief(believed: ServiceModel, normal: () => number): ServiceModel {
  const { cpuWork = 1, readStatement = 1 } = believed;
  return {
    ...mapDemands(believed, demand => drawDemand(demand, normal)),
    cpuWork: cpuWork * Math.exp(CPU_WORK * normal()),
    readStatement: readStatement * Math.exp(READS * normal()),
  };
}

/** Where a fit begins. */
interface FitStart {
  /** What is believed of the service before anything is seen. */
  readonly believed: ServiceModel;
  /** Where to look first: near it one turn is enough. */
  readonly near?: ServiceModel;
  /** Known growths; otherwise they are fitted. */
  readonly growths?: readonly Growth[];
}

/** Fits the service to trials; what they do not show is taken from another machine. */
export function fitService(
  observations: readonly TrialObservation[],
  cpus: number,
  source: string,
  { believed, near, growths: known }: FitStart = { believed: measuredService },
): { readonly service: ServiceModel; readonly growths: readonly Growth[] } {
  const first = near ?? believed;
  const nginxProcesses = fitNginxProcesses(observations, cpus);
  const fit = (
    component: 'nginx' | 'k6' | 'postgres',
    from: ServiceModel,
    processors: number,
    visitsOf: (observation: TrialObservation) => number = () => 1,
  ) => {
    const visiting = observations.filter(observation => visitsOf(observation) > 0);
    const fitted = mostLikely(beliefsIn(believed[component], from[component]), parameters => {
      const demand = demandFrom(parameters);
      return visiting.map(observation => {
        const visits = visitsOf(observation);
        const expected = visits * demandAt(demand, (observation.throughput * visits) / processors);
        return computeResidual(expected, observation.demand[component], observation.requests, 1);
      });
    });
    return demandFrom(fitted);
  };
  const computing = observations.filter(({ cpuWork }) => cpuWork > 0);
  const reading = observations.filter(({ reads }) => reads > 0);
  let service: ServiceModel = {
    ...believed,
    ...{ source, nginxProcesses, cpuWork: first.cpuWork ?? 1, readStatement: first.readStatement ?? 1 },
    ...(near && { postgres: near.postgres, workers: near.workers }),
    nginx: fit('nginx', first, nginxProcesses),
    k6: fit('k6', first, cpus),
    lostCpu: fitLostCpu(observations),
    memory: fitMemory(observations, believed.memory),
  };
  // What several share is fitted in turn with what each has alone, until they agree.
  for (let turn = 0; turn < (near === undefined ? TURNS : 1); turn++) {
    const before = service;
    if (computing.length > 0) {
      const cpuWork = fitFactor(believed.cpuWork, CPU_WORK, factor =>
        computing.map(observation => workerResidual(observation, { ...before, cpuWork: factor })),
      );
      service = { ...service, cpuWork };
    }
    const visitsOf = (observation: TrialObservation) => statementsIn(observation, before.readStatement);
    service = { ...service, postgres: fit('postgres', before, cpus, visitsOf) };
    service = { ...service, workers: fitWorkers(observations, believed, service) };
    if (reading.length > 0) {
      const current = service;
      const readStatement = fitFactor(believed.readStatement, READS, factor =>
        reading.flatMap(observation => {
          const expected = postgresDemandIn(observation, { ...current, readStatement: factor }, cpus);
          return [
            workerResidual(observation, { ...current, readStatement: factor }),
            computeResidual(expected, observation.demand.postgres, observation.requests, 1),
          ];
        }),
      );
      service = { ...service, readStatement };
    }
  }
  const growths = known ?? fitGrowths(observations, service);
  const grown = applyGrowths(service, growths);
  return { service: { ...grown, databaseWait: fitDatabaseWait(observations, grown, cpus) }, growths };
}

function fitFactor(value = 1, deviation: number, residualsOf: (factor: number) => number[]): number {
  const [fitted = value] = mostLikely([{ value, deviation }], ([factor = 1]) => residualsOf(factor));
  return fitted;
}

/** Each app's demands, given what is shared: CPU work, and what a read counts. */
function fitWorkers(
  observations: readonly TrialObservation[],
  believed: ServiceModel,
  shared: ServiceModel,
): ServiceModel['workers'] {
  const apps = new Set([...Object.keys(believed.workers), ...observations.map(({ app }) => app)]);
  const fit = (app: string): WorkerDemand => {
    const own = observations.filter(observation => observation.app === app);
    const [prior, first] = [believed, shared].map(model => workerDemandOf(model, app)) as [WorkerDemand, WorkerDemand];
    const beliefs = [...beliefsIn(prior.request, first.request), ...beliefsIn(prior.statement, first.statement)];
    const worker = (parameters: readonly number[]): WorkerDemand => ({
      ...prior,
      request: demandFrom(parameters),
      statement: demandFrom(parameters.slice(3)),
    });
    return worker(mostLikely(beliefs, parameters => own.map(one => workerResidual(one, shared, worker(parameters)))));
  };
  return Object.fromEntries([...apps].map(app => [app, fit(app)]));
}

function workerResidual(observation: TrialObservation, service: ServiceModel, worker?: WorkerDemand): number {
  const expected = workerDemandIn(observation, service, worker);
  return computeResidual(expected, observation.demand.workers, observation.requests, observation.workers);
}

function postgresDemandIn(
  observation: TrialObservation,
  { postgres, readStatement }: ServiceModel,
  cpus: number,
): Seconds {
  const statements = statementsIn(observation, readStatement);
  return statements * demandAt(postgres, (observation.throughput * statements) / cpus);
}

function fitNginxProcesses(observations: readonly TrialObservation[], cpus: number): number {
  const read = observations.filter(({ nginxProcesses, requests }) => nginxProcesses > 0 && requests > 200);
  return read.length === 0 ? cpus : Math.max(1, Math.round(median(read.map(({ nginxProcesses }) => nginxProcesses))));
}

function fitLostCpu(observations: readonly TrialObservation[]): Fraction {
  const busy = observations.filter(({ cpuUtilisation }) => cpuUtilisation > BUSY);
  return busy.length === 0 ? 0 : Math.min(MOST_LOST, median(busy.map(({ lostCpu }) => lostCpu)));
}

/** What a wait takes beyond what was asked where the CPUs are idle; half as much more or less, by chance. */
function fitDatabaseWait(
  observations: readonly TrialObservation[],
  service: ServiceModel,
  cpus: number,
): ServiceModel['databaseWait'] {
  const excess = observations.flatMap(observation => {
    const { wait, waits, cpuUtilisation, databaseWait } = observation;
    if (wait === 0 || cpuUtilisation > QUIET) return [];
    return [(databaseWait - wait - postgresDemandIn(observation, service, cpus)) / waits];
  });
  if (excess.length === 0) return service.databaseWait;
  const usual = Math.max(0, median(excess));
  return { ...service.databaseWait, least: usual / 2, most: 1.5 * usual };
}
