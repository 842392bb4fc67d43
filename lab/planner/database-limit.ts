import type { Workload } from '../experiment/experiment.ts';
import type { PerSecond } from '../experiment/units.ts';
import type { ServiceModel } from '../simulation/service-model.ts';
import { meanOver, serviceOf } from './demands-at.ts';
import type { Machine } from './machine.ts';
import type { DatabaseLimit } from './recommendation.ts';

/** Any deployment: what Postgres takes is the same behind all of them. */
const ANY = { topology: 'async', processes: 1, threadsPerProcess: 1, databaseConnections: 1 } as const;
const PRECISION = 1e-3;
const HIGHEST: PerSecond = 1e9;

/** The part of one Postgres that may be used: nearer to all of it waits grow in a way that no model here knows. */
export const DATABASE_FULL = 0.8;

/** What one Postgres carries on a machine of its own. */
export function databaseLimitOf(model: ServiceModel, workload: Workload, machine: Machine): DatabaseLimit {
  const { kinds, demandAt } = serviceOf(ANY, workload, model, machine.cpus);
  const used = (throughput: PerSecond) => (throughput * demandAt(throughput).postgres) / machine.cpus;
  const { databaseConnections = Number.POSITIVE_INFINITY } = machine;
  const wait = meanOver(kinds, one => one.wait);
  const held = (throughput: PerSecond) => (throughput * (wait + demandAt(throughput).postgres)) / databaseConnections;
  return { byCpu: where(used), byConnections: where(held) };
}

/** The throughput at which something that grows reaches 1. */
function where(used: (throughput: PerSecond) => number): PerSecond {
  let [low, high] = [0, 1];
  while (used(high) < 1) {
    if (high > HIGHEST) return Number.POSITIVE_INFINITY;
    [low, high] = [high, 2 * high];
  }
  while (high / low > 1 + PRECISION) {
    const middle = (low + high) / 2;
    if (used(middle) < 1) low = middle;
    else high = middle;
  }
  return low;
}
