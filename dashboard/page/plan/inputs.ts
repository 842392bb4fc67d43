import type { FittedModel } from '../../../lab/plan/fitted-model.ts';
import { measuredMachine, type Question } from '../../../lab/plan/question.ts';
import type { TopologyName } from '../../../model/topology.ts';
import { within } from '../../work.ts';
import type { ExplainedWord } from '../explanations.tsx';
import { numbersIn, writeQuery } from '../query.ts';

/** What the page asks the planner, in the units that it shows. */
export interface PlanInputs {
  /** The name of one of the run's. */
  readonly workload: string;
  /** Per second, over all machines. */
  readonly arrivalRate: number;
  readonly quantilePercent: number;
  readonly objectiveMs: number;
  /** Times the current arrival rate. */
  readonly growth: number;
  readonly headroomPercent: number;
  /** Of each machine. */
  readonly cpus: number;
  /** Of Postgres; absent: no limit. */
  readonly databaseConnections?: number | undefined;
  /** Of each machine; absent: no limit. */
  readonly memoryMB?: number | undefined;
  /** Times the wait of the workload. */
  readonly databaseWait: number;
  readonly generator: 'here' | 'elsewhere';
  /** Absent: all. */
  readonly topologies?: readonly TopologyName[] | undefined;
  /** Whether to answer further beyond the measurements than the model is trusted. */
  readonly extrapolate: boolean;
}

/** A number that can be asked. */
interface NumberInput {
  readonly label: string;
  readonly word: ExplainedWord;
  readonly unit?: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
}

const whole = { minimum: 1, step: 1 };
const times = { unit: 'times', maximum: 10, step: 0.1 };
const numberInputs = {
  arrivalRate: { label: 'Arrival rate', word: 'planned arrival rate', unit: '/s', ...whole, maximum: 100_000 },
  quantilePercent: { label: 'Objective', word: 'planned objective', minimum: 1, maximum: 99.999, step: 0.001 },
  objectiveMs: { label: 'Objective', word: 'planned objective', unit: 'ms', ...whole, maximum: 60_000 },
  growth: { label: 'Growth', word: 'growth', ...times, minimum: 0.5 },
  headroomPercent: { label: 'Headroom', word: 'headroom', unit: '%', ...whole, minimum: 0, maximum: 80 },
  cpus: { label: 'CPUs of a machine', word: 'CPUs of a machine', ...whole, maximum: 64 },
  databaseConnections: { label: 'Database connections', word: 'limit of connections', ...whole, maximum: 10_000 },
  memoryMB: {
    label: 'Memory of a machine',
    word: 'limit of memory',
    unit: 'MB',
    ...whole,
    minimum: 100,
    maximum: 256_000,
  },
  databaseWait: { label: 'Database wait', word: 'database wait', ...times, minimum: 0.1 },
} as const satisfies Record<string, NumberInput>;

export type NumberName = keyof typeof numberInputs;
export const numberNames = Object.keys(numberInputs) as readonly NumberName[];

/** The first value of a limit that was not set. */
export const usualLimits = { databaseConnections: 100, memoryMB: 4000 } as const;

/** The number inputs for a run: their limits include the run's own values. */
export function inputsFor({ objective, cpus, measured }: FittedModel): Readonly<Record<NumberName, NumberInput>> {
  const { arrivalRate, objectiveMs } = numberInputs;
  return {
    ...numberInputs,
    arrivalRate: widen(arrivalRate, Math.max(1, Math.ceil(measured.throughput.most))),
    objectiveMs: widen(objectiveMs, Number((objective.responseTime * 1000).toFixed(3))),
    cpus: widen(numberInputs.cpus, cpus),
  };
}

function widen(input: NumberInput, value: number): NumberInput {
  const step = Number.isInteger(value / input.step) ? input.step : 0.001;
  return { ...input, minimum: Math.min(input.minimum, value), maximum: Math.max(input.maximum, value), step };
}

/** The first question for a run: the measured machine, with a load that was measured. */
export function usualInputs(fitted: FittedModel): PlanInputs {
  const { workloads, objective, cpus, measured } = fitted;
  const limits = inputsFor(fitted);
  return {
    workload: workloads[0]?.name ?? '',
    arrivalRate: allowed(Number((measured.throughput.most / 4).toPrecision(1)), limits.arrivalRate),
    quantilePercent: allowed(objective.quantile * 100, limits.quantilePercent),
    objectiveMs: allowed(objective.responseTime * 1000, limits.objectiveMs),
    growth: 1,
    headroomPercent: 0,
    cpus: allowed(cpus, limits.cpus),
    databaseWait: 1,
    generator: 'here',
    extrapolate: false,
  };
}

/** These inputs within the run's limits, and the usual ones for those that are missing. */
export function allowedInputs(asked: Partial<PlanInputs>, fitted: FittedModel): PlanInputs {
  const usual = usualInputs(fitted);
  const limits = inputsFor(fitted);
  const numbers = numberNames.flatMap(name => {
    const value = asked[name];
    return value === undefined ? [] : [[name, allowed(value, limits[name])] as const];
  });
  const { topologies: chosen = [], ...rest } = asked;
  const topologies = fitted.topologies.map(({ name }) => name).filter(name => chosen.includes(name));
  const isChoice = topologies.length > 0 && topologies.length < fitted.topologies.length;
  return {
    ...usual,
    ...rest,
    ...Object.fromEntries(numbers),
    ...(isChoice && { topologies }),
    workload: fitted.workloads.find(({ name }) => name === asked.workload)?.name ?? usual.workload,
  };
}

function allowed(value: number, { minimum, maximum, step }: NumberInput): number {
  // No multiple of 0.1 is 0.3.
  return within(minimum, Number((Math.round(value / step) * step).toFixed(3)), maximum);
}

/** The inputs that differ from the usual ones of this run. */
export function changedInputs(inputs: PlanInputs, fitted: FittedModel): Partial<PlanInputs> {
  const usual = new Map<string, unknown>(Object.entries(usualInputs(fitted)));
  return Object.fromEntries(Object.entries(inputs).filter(([name, value]) => value !== usual.get(name)));
}

/** The planner's question, in its units; RangeError where the run does not have the workload. */
export function questionFor(inputs: PlanInputs, { workloads, objective }: FittedModel): Question {
  const workload = workloads.find(({ name }) => name === inputs.workload);
  if (workload === undefined) throw new RangeError(`the run has no workload ${inputs.workload}`);
  const { arrivalRate, growth, cpus, databaseConnections, memoryMB, databaseWait, generator, topologies } = inputs;
  const quantile = Number((inputs.quantilePercent / 100).toPrecision(6));
  return {
    arrivalRate,
    growth,
    headroom: inputs.headroomPercent / 100,
    objective: { ...objective, quantile, responseTime: inputs.objectiveMs / 1000 },
    workload,
    machine: {
      ...measuredMachine(cpus),
      generator,
      databaseWait,
      ...(databaseConnections !== undefined && { databaseConnections }),
      ...(memoryMB !== undefined && { memory: memoryMB * 1e6 }),
    },
    ...(topologies !== undefined && { topologies }),
  };
}

/** The query that asks the same again: `?plan=2026-11-27T090515-quick&workload=wait&arrivalRate=500`. */
export function planQuery(run: string, inputs: PlanInputs): string {
  const { workload, generator, topologies, extrapolate } = inputs;
  return writeQuery([
    ['plan', encodeURIComponent(run)],
    ['workload', encodeURIComponent(workload)],
    ...numberNames.map(name => [name, inputs[name]] as const),
    ['generator', generator === 'elsewhere' ? generator : undefined],
    ['topologies', topologies?.map(encodeURIComponent).join(',')],
    ['extrapolate', extrapolate ? 'yes' : undefined],
  ]);
}

/** The run and the inputs of a query, as far as they are understood. */
export function readPlanQuery(query: string): { readonly run?: string; readonly asked: Partial<PlanInputs> } {
  const fields = new URLSearchParams(query);
  const run = fields.get('plan') ?? '';
  const workload = fields.get('workload');
  const topologies = fields.get('topologies')?.split(',');
  return {
    ...(run !== '' && { run }),
    asked: {
      ...numbersIn(fields, numberNames),
      ...(workload !== null && { workload }),
      ...(fields.get('generator') === 'elsewhere' && { generator: 'elsewhere' }),
      ...(topologies !== undefined && { topologies }),
      ...(fields.get('extrapolate') === 'yes' && { extrapolate: true }),
    },
  };
}
