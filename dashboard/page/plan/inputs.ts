import type { FittedModel } from '../../../lab/planner/fitted-model.ts';
import { within } from '../allowed-settings.ts';

/** What somebody asks on the page, in the units in which it is shown. */
export interface PlanInputs {
  /** Of the run's, by name. */
  readonly workload: string;
  /** Per second, over all machines. */
  readonly arrivalRate: number;
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
  /** Whether to answer further beyond the measurements than the model is trusted. */
  readonly extrapolate: boolean;
}

/** Those that are numbers. */
export const numberNames = [
  'arrivalRate',
  'objectiveMs',
  'growth',
  'headroomPercent',
  'cpus',
  'databaseConnections',
  'memoryMB',
  'databaseWait',
] as const satisfies readonly (keyof PlanInputs)[];
export type NumberName = (typeof numberNames)[number];

/** What each number may be, and in which steps it is entered. */
export const numberLimits: Readonly<Record<NumberName, { minimum: number; maximum: number; step: number }>> = {
  arrivalRate: { minimum: 1, maximum: 100_000, step: 1 },
  objectiveMs: { minimum: 5, maximum: 10_000, step: 1 },
  growth: { minimum: 0.5, maximum: 10, step: 0.1 },
  headroomPercent: { minimum: 0, maximum: 80, step: 1 },
  cpus: { minimum: 1, maximum: 64, step: 1 },
  databaseConnections: { minimum: 1, maximum: 10_000, step: 1 },
  memoryMB: { minimum: 100, maximum: 256_000, step: 1 },
  databaseWait: { minimum: 0.1, maximum: 10, step: 0.1 },
};

/** What the limited ones begin with when somebody limits them. */
export const usualLimits = { databaseConnections: 100, memoryMB: 4000 } as const;

/** What the page asks first: the measured machine as it was, and a load that it has seen. */
export function usualInputs({ workloads, objective, cpus, measured }: FittedModel): PlanInputs {
  return {
    workload: workloads[0]?.name ?? '',
    arrivalRate: entered('arrivalRate', Number((measured.throughput.most / 4).toPrecision(1))),
    objectiveMs: entered('objectiveMs', objective.responseTime * 1000),
    growth: 1,
    headroomPercent: 0,
    cpus: entered('cpus', cpus),
    databaseWait: 1,
    generator: 'here',
    extrapolate: false,
  };
}

/** What was asked with the usual in place of what was not, within the limits and of workloads that the run has. */
export function allowedInputs(asked: Partial<PlanInputs>, fitted: FittedModel): PlanInputs {
  const usual = usualInputs(fitted);
  const numbers = numberNames.flatMap(name => {
    const value = asked[name];
    return value === undefined ? [] : [[name, entered(name, value)] as const];
  });
  return {
    ...usual,
    ...asked,
    ...Object.fromEntries(numbers),
    workload: fitted.workloads.find(({ name }) => name === asked.workload)?.name ?? usual.workload,
  };
}

function entered(name: NumberName, value: number): number {
  const { minimum, maximum, step } = numberLimits[name];
  // Of 0.1 there is no multiple that is 0.3.
  return within(minimum, Number((Math.round(value / step) * step).toFixed(1)), maximum);
}
