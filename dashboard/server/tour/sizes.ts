import { topologyNames } from '../../../model/topology.ts';
import { stepNumber } from '../../protocol.ts';
import type { Stack } from '../parts.ts';
import type { Sizes, Step } from './step.ts';

/** How large everything on this stack is. */
export function sizesOf({ deployments }: Pick<Stack, 'deployments'>, cpus: number): Sizes {
  const byName = new Map(deployments.map(({ deployment }) => [deployment.topology, deployment]));
  return {
    cpus,
    workers: topology => {
      const deployment = byName.get(topology);
      return deployment === undefined ? 0 : deployment.processes * deployment.threadsPerProcess;
    },
    deployment: topology => byName.get(topology),
  };
}

/** What the step lacks, and which command brings it; `undefined` when everything is there. */
export function lackOf({ step, needs }: Step, { deployment }: Sizes): string | undefined {
  const missing = needs.filter(topology => deployment(topology) === undefined);
  if (missing.length === 0) return undefined;
  const wanted = topologyNames.filter(topology => needs.includes(topology) || deployment(topology) !== undefined);
  return (
    `Step ${stepNumber(step)} needs ${needs.join(' and ')}, and ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not ` +
    `there. Stop the stack, and start it with COMPOSE_PROFILES=${wanted.join(',')} docker compose up (or ./loadline up ${wanted.join(' ')}).`
  );
}
