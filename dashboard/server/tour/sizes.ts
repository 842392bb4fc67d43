import { deriveParallelism } from '../../../model/parallelism.ts';
import { type TopologyName, topologyNames } from '../../../model/topology.ts';
import { stepNumber, type TourOutcome } from '../../protocol.ts';
import type { LiveStack } from '../config.ts';
import type { StepOutcome } from './figure.ts';
import type { StackSizes, Step } from './step.ts';

/** How large everything on this stack is. A step is shown with the first deployment of each topology. */
export function sizesOf({ deployments }: Pick<LiveStack, 'deployments'>, cpus: number): StackSizes {
  const first = (topology: TopologyName) => deployments.find(({ deployment }) => deployment.topology === topology);
  return {
    cpus,
    workers: topology => {
      const deployment = first(topology)?.deployment;
      return deployment === undefined ? 0 : deriveParallelism(deployment).workers;
    },
    deployment: topology => first(topology)?.deployment,
    id: topology => first(topology)?.id,
  };
}

/** What the step lacks, and which command brings it; `undefined` when everything is there. */
export function lackOf({ step, needs }: Step, { deployment }: StackSizes): string | undefined {
  const missing = needs.filter(topology => deployment(topology) === undefined);
  if (missing.length === 0) return undefined;
  const wanted = topologyNames.filter(topology => needs.includes(topology) || deployment(topology) !== undefined);
  return (
    `Step ${stepNumber(step)} needs ${needs.join(' and ')}, and ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not ` +
    `there. Stop the stack, and start it with COMPOSE_PROFILES=${wanted.join(',')} docker compose up (or ./loadline up ${wanted.join(' ')}).`
  );
}

/** The outcome with each figure of a topology as one of the deployment that the step was shown with. */
export function withIds(outcome: StepOutcome, { id: idOf }: StackSizes): TourOutcome {
  const figures = outcome.figures.map(({ topology, ...figure }) => {
    const id = topology && idOf(topology);
    return id === undefined ? figure : { ...figure, id };
  });
  return { ...outcome, figures };
}
