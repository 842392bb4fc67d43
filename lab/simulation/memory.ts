import type { Deployment } from '../../services/deployment.ts';
import { topologyOf } from '../../services/topologies.ts';
import type { Component } from '../experiment/trial-result.ts';
import type { Bytes } from '../experiment/units.ts';
import type { MemoryModel } from './service-model.ts';

/** What a deployment with so many requests in its workers, and what is around it, take of memory. */
export function memoryOf(
  { topology, processes, threadsPerProcess, databaseConnections }: Deployment,
  memory: MemoryModel,
  inProgress: number,
): Record<Component, Bytes> {
  const { blocking } = topologyOf(topology);
  const process = blocking ? memory.blockingProcess : memory.eventLoopProcess;
  const furtherThreads = processes * (threadsPerProcess - 1) * memory.blockingThread;
  return {
    nginx: memory.nginx,
    workers: processes * process + furtherThreads + inProgress * memory.request,
    postgres: memory.postgres + databaseConnections * memory.databaseConnection,
    k6: memory.k6,
  };
}
