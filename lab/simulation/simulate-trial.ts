import { type Deployment, deploymentName } from '../../model/deployment.ts';
import type { Experiment, Trial } from '../../model/experiment.ts';
import {
  type Component,
  components,
  type Measurement,
  type ToldMeasurement,
  type WorkerActivity,
} from '../../model/measurement.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import { Random } from './random.ts';
import { computeMemory, type ServiceModel } from './service-model.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';

export interface SimulatedTrial {
  readonly measurement: Measurement;
  /** On its own clock, with the drain. */
  readonly elapsed: Seconds;
}

/** Simulates a trial event by event; the same trial gives the same measurement. */
export function simulateTrial(trial: Trial, model: ServiceModel, options: SimulationOptions): SimulatedTrial {
  const simulation = new Simulation(trial, model, options);
  simulation.run();
  const { steadyFrom } = simulation.warmUp;
  const isLasting = trial.load.model !== 'burst' && steadyFrom !== undefined;
  const told = { ...buildMeasurement(simulation, trial, model, options), ...(isLasting && { steadyFrom }) };
  const { deployment } = trial.cell;
  return { measurement: deployment.hidden ? seenFromOutside(told, deployment) : told, elapsed: simulation.now };
}

/** A measurement without what workers report: connections in use are counted by database role. */
function seenFromOutside(told: ToldMeasurement, { databaseConnections }: Deployment): Measurement {
  const { workers, contextSwitches: _, completions, utilisation, serviceDemand, activeBackends, ...seen } = told;
  const { sent, succeeded } = completions;
  const { cpu, nginx } = utilisation;
  const byWorkers = Math.max(
    1,
    workers.reduce((sum, { completed }) => sum + completed, 0),
  );
  const bySender = Math.max(1, told.throughput * told.observed);
  return {
    ...seen,
    activeBackends,
    // A simulated transaction is always in a statement.
    connectionsInUse: activeBackends,
    completions: { sent, succeeded },
    serviceDemand: perComponent(component => (serviceDemand[component] * byWorkers) / bySender),
    utilisation: {
      ...{ cpu, nginx },
      ...(activeBackends && { 'database-connections': Math.min(1, activeBackends.mean / databaseConnections) }),
    },
  };
}

function buildMeasurement(
  simulation: Simulation,
  trial: Trial,
  model: ServiceModel,
  { cpus }: SimulationOptions,
): ToldMeasurement {
  const { client, service, steadyState } = simulation;
  const { cpu, interruptions } = service.cores;
  const observed = steadyState.length;
  const perSecond = (count: number) => (observed > 0 ? count / observed : 0);
  const workers = service.workers.map(({ thread, inProgress: { mean, most }, ...worker }): WorkerActivity => {
    const { name, completed, databaseWait, connectionsHeld, connectionWait } = worker;
    const { busy } = thread;
    return { name, completed, busy, databaseWait, connectionsHeld, connectionWait, inProgress: { mean, most } };
  });
  const total = (of: (worker: WorkerActivity) => number) => workers.reduce((sum, worker) => sum + of(worker), 0);
  const completed = Math.max(
    1,
    total(worker => worker.completed),
  );
  const cpuShare = perComponent(component => fraction(cpu[component], observed * cpus));
  const sleeps = service.workers.reduce((sum, { thread }) => sum + thread.sleeps, 0);
  return {
    offeredLoad: perSecond(client.scored),
    throughput: perSecond(client.completedInSteadyState),
    scored: client.scored,
    observed,
    neverSent: client.neverSent,
    neverAnswered: client.neverAnswered,
    inProgress: client.samples,
    stoppedEarly: simulation.stoppedEarly,
    controlLost: false,
    responseTime: client.responseTime.histogram(),
    responseTimeFromSend: client.responseTimeFromSend.histogram(),
    scheduleLag: client.scheduleLag.histogram(),
    errors: { timeout: client.neverAnswered, connection: 0, 'status-4xx': 0, 'status-503': 0, 'status-5xx': 0 },
    serviceDemand: perComponent(component => cpu[component] / completed),
    utilisation: {
      cpu: fraction(
        components.reduce((sum, component) => sum + cpu[component], 0),
        observed * cpus,
      ),
      workers: fraction(
        total(({ busy }) => busy),
        observed * workers.length,
      ),
      'database-connections': fraction(
        total(({ connectionsHeld }) => connectionsHeld),
        observed * trial.cell.deployment.databaseConnections,
      ),
      nginx: fraction(cpu.nginx, observed * (model.nginxProcesses ?? cpus)),
    },
    cpuShare,
    memory: computeMemory(
      trial.cell.deployment,
      model.memory,
      total(({ inProgress }) => inProgress.mean),
    ),
    workers,
    completions: { sent: client.sent, succeeded: client.succeeded, byWorkers: service.served },
    others: [],
    steal: 0,
    throttled: 0,
    activeBackends: { mean: service.backends.mean, most: service.backends.most },
    contextSwitches: {
      voluntary: sleeps / Math.max(1, service.served),
      involuntary: interruptions / Math.max(1, service.served),
    },
    ...(trial.load.model === 'burst' && { responses: simulation.responses }),
  };
}

/** Sums of times may exceed the whole in their last digit. */
function fraction(busy: Seconds, available: Seconds): Fraction {
  return available > 0 ? Math.min(1, busy / available) : 0;
}

function perComponent(of: (component: Component) => number): Record<Component, number> {
  return { nginx: of('nginx'), workers: of('workers'), postgres: of('postgres'), k6: of('k6') };
}

export type NoisyExperiment = Pick<Experiment, 'seed' | 'noise' | 'blocks'>;

/**
 * How many times as long everything takes in this trial as in the model: log-normal factors of the trial and of the start of
 * its workers, by the experiment's noise. With one block the workers are started once for the whole run.
 */
export function drawSlowness(trial: Trial, { seed, noise, blocks }: NoisyExperiment): Fraction {
  const start = blocks > 1 ? trial.block : 0;
  const ofTrial = new Random(trial.seed, hashSeed('trial')).normal();
  const ofStart = new Random(seed, start, hashSeed(deploymentName(trial.cell.deployment))).normal();
  return Math.exp(noise.betweenTrials * ofTrial + noise.betweenBlocks * ofStart);
}

/** A text as a seed (FNV-1a). */
function hashSeed(text: string): number {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  return hash;
}
