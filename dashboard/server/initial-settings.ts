import { workersOf } from '../../model/deployment.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { type Settings, settingLimits } from '../protocol.ts';
import type { Stack } from './parts.ts';

/** Seconds for which the first workload waits for the database, and for which a blocked worker is busy with it. */
const WAIT = 0.02;
const HOLD = 0.021;
/** Times what the blocking workers can carry: what waits for them grows, slowly enough to be watched. */
const A_LITTLE_MORE = 1.05;
/** Where nobody blocks, arrivals per second. */
const USUAL = 100;

/** What is sent before anybody has chosen anything: a little more than a pool of blocking workers can carry. */
export function initialSettings({ deployments }: Pick<Stack, 'deployments'>): Settings {
  const preferred = deployments.filter(({ deployment: { topology } }) => topology === 'sync' || topology === 'hybrid');
  const shown = preferred.length > 0 ? preferred : deployments.slice(0, 2);
  const workers = shown
    .filter(({ deployment: { spec } }) => isConcurrencyLimited(spec))
    .map(({ deployment }) => workersOf(deployment).length);
  const carried = workers.length === 0 ? USUAL : (A_LITTLE_MORE * Math.min(...workers)) / HOLD;
  return {
    deployments: shown.map(({ id }) => id),
    workload: { route: 'wait', parameters: { ms: WAIT * 1000 } },
    load: { model: 'open', arrivalRate: Math.min(Math.round(carried), mostFor(shown.length)) },
    running: true,
  };
}

function mostFor(deployments: number): number {
  return Math.min(settingLimits.arrivalRate, Math.floor(settingLimits.totalArrivalRate / deployments));
}
