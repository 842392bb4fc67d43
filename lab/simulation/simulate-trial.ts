import type { Deployment } from '../../model/deployment.ts';
import type { Trial } from '../../model/experiment.ts';
import {
  type Component,
  components,
  type Measurement,
  type ToldMeasurement,
  type WorkerActivity,
} from '../../model/measurement.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import { memoryOf } from './memory.ts';
import type { ServiceModel } from './service-model.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';

/** What a simulated trial gives: what was measured, and how long it took on its own clock, with its drain. */
export interface SimulatedTrial {
  readonly measurement: Measurement;
  readonly elapsed: Seconds;
}

/** Simulates a trial, event by event; the same trial gives the same measurement. */
export function simulateTrial(trial: Trial, model: ServiceModel, options: SimulationOptions): SimulatedTrial {
  const simulation = new Simulation(trial, model, options);
  simulation.run();
  const { steadyFrom } = simulation.warmUp;
  const isLasting = trial.load.model !== 'burst' && steadyFrom !== undefined;
  const told = { ...measurementOf(simulation, trial, model, options), ...(isLasting && { steadyFrom }) };
  const { deployment } = trial.cell;
  return { measurement: deployment.hidden ? seenFromOutside(told, deployment) : told, elapsed: simulation.now };
}

/** What is left of a measurement where the workers tell nothing: connections in use are seen by the database role. */
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
    // A simulated transaction is always at a statement.
    connectionsInUse: activeBackends,
    completions: { sent, succeeded },
    serviceDemand: perComponent(component => (serviceDemand[component] * byWorkers) / bySender),
    utilisation: {
      ...{ cpu, nginx },
      ...(activeBackends && { 'database-connections': Math.min(1, activeBackends.mean / databaseConnections) }),
    },
  };
}

/** What was measured of a simulated trial, in the form of a real one. */
function measurementOf(
  simulation: Simulation,
  trial: Trial,
  model: ServiceModel,
  { cpus }: SimulationOptions,
): ToldMeasurement {
  const { client, service, steadyState, looks } = simulation;
  const { cpu, interruptions } = service.cores;
  const observed = steadyState.length;
  const perSecond = (count: number) => (observed > 0 ? count / observed : 0);
  const workers = looks.held.flatMap(({ mean, most }, index): WorkerActivity[] => {
    const worker = service.workers[index];
    if (worker === undefined) return [];
    const { name, completed, thread, databaseWait, connectionsHeld, connectionWait } = worker;
    return [
      { name, completed, busy: thread.busy, databaseWait, connectionsHeld, connectionWait, inProgress: { mean, most } },
    ];
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
    memory: memoryOf(
      trial.cell.deployment,
      model.memory,
      total(({ inProgress }) => inProgress.mean),
    ),
    workers,
    completions: { sent: client.sent, succeeded: client.succeeded, byWorkers: service.served },
    others: [],
    steal: 0,
    throttled: 0,
    activeBackends: { mean: looks.backends.mean, most: looks.backends.most },
    contextSwitches: {
      voluntary: sleeps / Math.max(1, service.served),
      involuntary: interruptions / Math.max(1, service.served),
    },
    ...(trial.load.model === 'burst' && { responses: simulation.responses }),
  };
}

/** Sums of times that fill the whole time may exceed it in their last digit. */
function fraction(busy: Seconds, available: Seconds): Fraction {
  return available > 0 ? Math.min(1, busy / available) : 0;
}

function perComponent(of: (component: Component) => number): Record<Component, number> {
  return { nginx: of('nginx'), workers: of('workers'), postgres: of('postgres'), k6: of('k6') };
}
