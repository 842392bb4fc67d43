import type { FittedModel } from '../../../lab/plan/fitted-model.ts';
import type { TopologyName } from '../../../model/topology.ts';
import { within } from '../../work.ts';
import { limitsOf, type NumberLimits, type NumberName, numberNames } from './number-limits.ts';

/** What somebody asks on the page, in the units in which it is shown. */
export interface PlanInputs {
  /** Of the run's, by name. */
  readonly workload: string;
  /** Per second, over all machines. */
  readonly arrivalRate: number;
  /** Of the requests that the objective holds for: 99 of p99. */
  readonly quantilePercent: number;
  readonly objectiveMs: number;
  /** Times today's. */
  readonly growth: number;
  readonly headroomPercent: number;
  /** Of each machine. */
  readonly cpus: number;
  /** That Postgres gives away; absent: nobody limits them. */
  readonly databaseConnections?: number | undefined;
  /** Of each machine; absent: nobody limits it. */
  readonly memoryMB?: number | undefined;
  /** Times as long as in the workload. */
  readonly databaseWait: number;
  readonly generator: 'here' | 'elsewhere';
  /** Only these are thought of; absent: all. */
  readonly topologies?: readonly TopologyName[] | undefined;
  /** Whether to answer further beyond the measurements than the model is trusted. */
  readonly extrapolate: boolean;
}

/** What the limited ones begin with when somebody limits them. */
export const usualLimits = { databaseConnections: 100, memoryMB: 4000 } as const;

/** What the page asks first: the measured machine as it was, and a load that it has seen. */
export function usualInputs(fitted: FittedModel): PlanInputs {
  const { workloads, objective, cpus, measured } = fitted;
  const limits = limitsOf(fitted);
  const number = (name: NumberName, value: number) => entered(value, limits[name]);
  return {
    workload: workloads[0]?.name ?? '',
    arrivalRate: number('arrivalRate', Number((measured.throughput.most / 4).toPrecision(1))),
    quantilePercent: number('quantilePercent', objective.quantile * 100),
    objectiveMs: number('objectiveMs', objective.responseTime * 1000),
    growth: 1,
    headroomPercent: 0,
    cpus: number('cpus', cpus),
    databaseWait: 1,
    generator: 'here',
    extrapolate: false,
  };
}

/** What was asked with the usual in place of what was not, within the limits and of workloads and topologies that the run has. */
export function allowedInputs(asked: Partial<PlanInputs>, fitted: FittedModel): PlanInputs {
  const usual = usualInputs(fitted);
  const limits = limitsOf(fitted);
  const numbers = numberNames.flatMap(name => {
    const value = asked[name];
    return value === undefined ? [] : [[name, entered(value, limits[name])] as const];
  });
  const { topologies: _, ...rest } = asked;
  const topologies = allowedTopologies(asked.topologies, fitted);
  return {
    ...usual,
    ...rest,
    ...Object.fromEntries(numbers),
    ...(topologies && { topologies }),
    workload: fitted.workloads.find(({ name }) => name === asked.workload)?.name ?? usual.workload,
  };
}

/** What of the inputs is not what the page would ask of this run first. */
export function changedInputs(inputs: PlanInputs, fitted: FittedModel): Partial<PlanInputs> {
  const usual = new Map<string, unknown>(Object.entries(usualInputs(fitted)));
  return Object.fromEntries(Object.entries(inputs).filter(([name, value]) => value !== usual.get(name)));
}

/** In their order; none is as little of a choice as all. */
function allowedTopologies(
  asked: readonly TopologyName[] = [],
  { topologies }: Pick<FittedModel, 'topologies'>,
): TopologyName[] | undefined {
  const known = topologies.map(({ name }) => name).filter(name => asked.includes(name));
  return known.length === 0 || known.length === topologies.length ? undefined : known;
}

function entered(value: number, { minimum, maximum, step }: NumberLimits): number {
  // Of 0.1 there is no multiple that is 0.3.
  return within(minimum, Number((Math.round(value / step) * step).toFixed(3)), maximum);
}
