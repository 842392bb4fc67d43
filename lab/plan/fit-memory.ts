import type { Bytes } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import type { MemoryModel } from '../simulation/service-model.ts';
import { observedDeployments, type TrialObservation } from './trial-observation.ts';

/** What processes, threads and requests in progress take; of what was not measured what is known of another machine. */
export function fitMemory(observations: readonly TrialObservation[], believed: MemoryModel): MemoryModel {
  const held = ({ memory, inProgress }: TrialObservation): Bytes => memory.workers - inProgress * believed.request;
  const of = (wanted: (observation: TrialObservation) => boolean, value: (observation: TrialObservation) => Bytes) =>
    medianOr(observations.filter(wanted).map(value));
  const blocking = ({ cell }: TrialObservation) => isConcurrencyLimited(cell.deployment.spec);
  const threads = ({ cell }: TrialObservation) => cell.deployment.threadsPerProcess;
  const perProcess = (one: TrialObservation) => held(one) / one.cell.deployment.processes;
  const blockingProcess = of(one => blocking(one) && threads(one) === 1, perProcess) ?? believed.blockingProcess;
  const blockingThread =
    of(
      one => blocking(one) && threads(one) > 1,
      one => Math.max(0, (perProcess(one) - blockingProcess) / (threads(one) - 1)),
    ) ?? believed.blockingThread;
  // All deployments of a run hold their connections at once, whichever of them is measured.
  const connections = observedDeployments(observations).reduce((sum, one) => sum + one.databaseConnections, 0);
  const postgres = of(
    () => true,
    ({ memory }) => memory.postgres,
  );
  return {
    ...believed,
    nginx:
      of(
        () => true,
        ({ memory }) => memory.nginx,
      ) ?? believed.nginx,
    k6:
      of(
        () => true,
        ({ memory }) => memory.k6,
      ) ?? believed.k6,
    blockingProcess,
    blockingThread,
    eventLoopProcess: of(one => !blocking(one), perProcess) ?? believed.eventLoopProcess,
    ...(postgres !== undefined && fittedPostgres(postgres, connections, believed)),
  };
}

function fittedPostgres(
  all: Bytes,
  connections: number,
  { postgres, databaseConnection }: MemoryModel,
): Pick<MemoryModel, 'postgres' | 'databaseConnection'> {
  const own = Math.min(postgres, all);
  return { postgres: own, databaseConnection: connections > 0 ? (all - own) / connections : databaseConnection };
}

function medianOr(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
