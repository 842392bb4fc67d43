import type { Workload } from '../../model/experiment.ts';
import type { PerSecond } from '../../model/quantities.ts';
import type { ServiceModel } from '../simulation/service-model.ts';
import { meanPerRequest } from '../simulation/service-model.ts';
import type { PlannedMachine } from './planned-machine.ts';
import type { DatabaseLimit } from './recommendation.ts';
import { estimatePostgresDemand, readKinds } from './reduced-service.ts';
import { whereFull } from './where-full.ts';

/** The part of one Postgres that may be used: nearer to all of it waits grow in a way that no model here knows. */
export const DATABASE_FULL = 0.8;

/** What one Postgres carries on a machine of its own, whatever deployment is before it. */
export function databaseLimitOf(model: ServiceModel, workload: Workload, machine: PlannedMachine): DatabaseLimit {
  const kinds = readKinds(workload, model);
  const statements = meanPerRequest(kinds, one => one.statements);
  const demand = (throughput: PerSecond) => estimatePostgresDemand(statements, model, throughput, machine.cpus);
  const used = (throughput: PerSecond) => (throughput * demand(throughput)) / machine.cpus;
  const { databaseConnections = Number.POSITIVE_INFINITY } = machine;
  const wait = meanPerRequest(kinds, one => one.wait);
  const held = (throughput: PerSecond) => (throughput * (wait + demand(throughput))) / databaseConnections;
  return { byCpu: whereFull(used, 1), byConnections: whereFull(held, 1) };
}
