import { deploymentOf } from '../../model/deployment.ts';
import type { Workload } from '../../model/experiment.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { meanOver } from '../simulation/requirements.ts';
import type { ServiceModel } from '../simulation/service-model.ts';
import { serviceOf } from './demands-at.ts';
import type { Machine } from './machine.ts';
import type { DatabaseLimit } from './recommendation.ts';
import { whereFull } from './where-full.ts';

/** Any deployment: what Postgres takes is the same behind all of them. */
const ANY = deploymentOf('async', 1, { databaseConnections: 1 });

/** The part of one Postgres that may be used: nearer to all of it waits grow in a way that no model here knows. */
export const DATABASE_FULL = 0.8;

/** What one Postgres carries on a machine of its own. */
export function databaseLimitOf(model: ServiceModel, workload: Workload, machine: Machine): DatabaseLimit {
  const { kinds, demandAt } = serviceOf(ANY, workload, model, machine.cpus);
  const used = (throughput: PerSecond) => (throughput * demandAt(throughput).postgres) / machine.cpus;
  const { databaseConnections = Number.POSITIVE_INFINITY } = machine;
  const wait = meanOver(kinds, one => one.wait);
  const held = (throughput: PerSecond) => (throughput * (wait + demandAt(throughput).postgres)) / databaseConnections;
  return { byCpu: whereFull(used, 1), byConnections: whereFull(held, 1) };
}
