import { deriveParallelism } from '../../model/parallelism.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { type Settings, settingLimits } from '../protocol.ts';
import type { LiveStack } from './parts.ts';

/** Seconds for which the first workload waits for the database, and for which a blocked worker is busy with it. */
const WAIT = 0.02;
const HOLD = 0.021;
/** Times what the blocking workers can carry: what waits for them grows, slowly enough to be watched. */
const A_LITTLE_MORE = 1.05;
/** Where no deployment blocks, arrivals per second. */
const USUAL = 100;

/** What is sent before anybody has chosen anything: a little more than a pool of blocking workers can carry. */
export function initialSettings({ deployments }: Pick<LiveStack, 'deployments'>): Settings {
  const shown = firstShown(deployments);
  const slots = Math.min(...shown.map(({ deployment }) => deriveParallelism(deployment).slots));
  const carried = Number.isFinite(slots) ? (A_LITTLE_MORE * slots) / HOLD : USUAL;
  return {
    deployments: shown.map(({ id }) => id),
    workload: { route: 'wait', parameters: { ms: WAIT * 1000 } },
    load: { model: 'open', arrivalRate: Math.min(Math.round(carried), mostFor(shown.length)) },
    running: true,
  };
}

/** A pool beside event loops in as many processes, where both are there, in all of their sizes; else the first two. */
function firstShown(deployments: LiveStack['deployments']): LiveStack['deployments'] {
  const specs = deployments.map(({ deployment: { spec } }) => spec);
  const pool = specs.find(isConcurrencyLimited);
  if (pool === undefined) return deployments.slice(0, 2);
  const loops = specs.filter(spec => !isConcurrencyLimited(spec));
  const beside = loops.find(({ sizes }) => sizes.processes === pool.sizes.processes) ?? loops[0];
  return deployments.filter(({ deployment: { topology } }) => topology === pool.name || topology === beside?.name);
}

function mostFor(deployments: number): number {
  return Math.min(settingLimits.arrivalRate, Math.floor(settingLimits.totalArrivalRate / deployments));
}
