import { workersOf } from '../../services/deployment.ts';
import { type TopologyName, topologyNames, topologyOf } from '../../services/topologies.ts';
import { limits, type Settings } from '../protocol.ts';
import type { Stack } from './parts.ts';

/** Seconds for which the first workload waits for the database, and for which a blocked worker is busy with it. */
const WAIT = 0.02;
const HOLD = 0.021;
/** Of what the blocking workers can carry: they hardly keep up, and what waits for them comes and goes. */
const NEARLY_ALL = 0.9;
/** Where nobody blocks, arrivals per second. */
const USUAL = 100;

/** What is sent before anybody has chosen anything: as much as a pool of blocking workers hardly keeps up with. */
export function initialSettings({ deployments }: Pick<Stack, 'deployments'>): Settings {
  const present = topologyNames.filter(name => deployments.some(({ deployment }) => deployment.topology === name));
  const preferred = present.filter(name => name === 'sync' || name === 'hybrid');
  const topologies = preferred.length > 0 ? preferred : present.slice(0, 2);
  const workers = deployments
    .filter(({ deployment: { topology } }) => topologies.includes(topology) && topologyOf(topology).blocking)
    .map(({ deployment }) => workersOf(deployment).length);
  const carried = workers.length === 0 ? USUAL : (NEARLY_ALL * Math.min(...workers)) / HOLD;
  return {
    topologies,
    workload: { route: 'wait', parameters: { ms: WAIT * 1000 } },
    load: { model: 'open', arrivalRate: Math.min(Math.round(carried), mostFor(topologies)) },
    running: true,
  };
}

function mostFor(topologies: readonly TopologyName[]): number {
  return Math.min(limits.arrivalRate, Math.floor(limits.totalArrivalRate / topologies.length));
}
