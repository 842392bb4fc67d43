import { deploymentName } from '../../model/deployment.ts';
import type { Bytes } from '../../model/quantities.ts';
import type { MemoryModel } from '../simulation/service-model.ts';
import { isBlocking, type TrialObservation } from './observations.ts';

/** Fits memory of processes, threads and components; what was not measured is taken from another machine. */
export function fitMemory(observations: readonly TrialObservation[], believed: MemoryModel): MemoryModel {
  const median = (of: (observation: TrialObservation) => Bytes, some = observations): Bytes | undefined =>
    some.map(of).sort((a, b) => a - b)[Math.floor(some.length / 2)];
  const threads = ({ cell }: TrialObservation) => cell.deployment.threadsPerProcess;
  const perProcess = ({ cell, memory, inProgress }: TrialObservation) =>
    (memory.workers - inProgress * believed.request) / cell.deployment.processes;
  const blocking = observations.filter(isBlocking);
  const single = blocking.filter(one => threads(one) === 1);
  const threaded = blocking.filter(one => threads(one) > 1);
  const loops = observations.filter(one => !isBlocking(one));
  const blockingProcess = median(perProcess, single) ?? believed.blockingProcess;
  const perThread = (one: TrialObservation) => Math.max(0, (perProcess(one) - blockingProcess) / (threads(one) - 1));
  const postgres = median(({ memory }) => memory.postgres);
  return {
    ...believed,
    nginx: median(({ memory }) => memory.nginx) ?? believed.nginx,
    k6: median(({ memory }) => memory.k6) ?? believed.k6,
    blockingProcess,
    blockingThread: median(perThread, threaded) ?? believed.blockingThread,
    eventLoopProcess: median(perProcess, loops) ?? believed.eventLoopProcess,
    ...(postgres !== undefined && splitPostgres(postgres, countConnections(observations), believed)),
  };
}

/** All deployments of a run hold their connections at once, whichever of them is measured. */
function countConnections(observations: readonly TrialObservation[]): number {
  const deployments = observations.map(({ cell: { deployment } }) => [deploymentName(deployment), deployment] as const);
  return [...new Map(deployments).values()].reduce((sum, one) => sum + one.databaseConnections, 0);
}

function splitPostgres(
  all: Bytes,
  connections: number,
  { postgres, databaseConnection }: MemoryModel,
): Pick<MemoryModel, 'postgres' | 'databaseConnection'> {
  const own = Math.min(postgres, all);
  return { postgres: own, databaseConnection: connections > 0 ? (all - own) / connections : databaseConnection };
}
