import { type Deployment, memoryOfWorkers } from '../../model/deployment.ts';
import type { Component } from '../../model/measurement.ts';
import type { Bytes } from '../../model/quantities.ts';
import type { MemoryModel } from './service-model.ts';

/** What a deployment with so many requests in its workers, and what is around it, take of memory. */
export function memoryOf(deployment: Deployment, memory: MemoryModel, inProgress: number): Record<Component, Bytes> {
  return {
    nginx: memory.nginx,
    workers: memoryOfWorkers(deployment, memory) + inProgress * memory.request,
    postgres: memory.postgres + deployment.databaseConnections * memory.databaseConnection,
    k6: memory.k6,
  };
}
