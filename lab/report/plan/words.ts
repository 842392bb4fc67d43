import { type Deployment, deploymentName } from '../../../model/deployment.ts';
import { milliseconds, rounded, shownBytes } from '../../../model/quantities.ts';
import { isConcurrencyLimited } from '../../../model/topology.ts';
import type { Prediction } from '../../plan/capacity-model.ts';
import type { WhatIfChange } from '../../plan/what-if.ts';

/** A deployment in words: `2 processes with an event loop each, 26 database connections`. */
export function inWords({ spec, processes, threadsPerProcess, databaseConnections }: Deployment): string {
  const worker = isConcurrencyLimited(spec) ? 'blocking worker' : 'event loop';
  const several = processes > 1 ? ' each' : '';
  const workers = threadsPerProcess > 1 ? `${threadsPerProcess} ${worker}s` : `one ${worker}`;
  return `${plural(processes, 'process', 'processes')} with ${workers}${several}, ${plural(databaseConnections, 'database connection')}`;
}

/** `one machine`, `3 machines`. */
export function plural(number: number, one: string, several = `${one}s`): string {
  return number === 1 ? `one ${one}` : `${number} ${several}`;
}

/** `2 × hybrid-3x1-30`: so many machines with one of these each. */
export function shownDeployment(deployment: Deployment, machines = 1): string {
  return machines === 1 ? deploymentName(deployment) : `${machines} × ${deploymentName(deployment)}`;
}

/** Milliseconds at the objective's quantile, or that there are none. */
export function shownPrediction(prediction: Prediction): string {
  return prediction.state === 'stable' ? milliseconds(prediction.responseTime.atObjective) : 'unstable';
}

/** `database-wait 2x`, `cpus 16`. */
export function shownChange(change: WhatIfChange): string {
  const { quantity } = change;
  if ('times' in change) return `${quantity} ${rounded(change.times)}x`;
  const { value } = change;
  if (quantity === 'memory') return `${quantity} ${shownBytes(value)}`;
  if (quantity === 'database-wait' || quantity === 'service-demand') return `${quantity} ${rounded(value)}x`;
  return `${quantity} ${quantity === 'arrival-rate' ? `${rounded(value)}/s` : value}`;
}
