import type { FittedModel } from '../../../lab/plan/fitted-model.ts';

/** The inputs that are numbers. */
export const numberNames = [
  'arrivalRate',
  'quantilePercent',
  'objectiveMs',
  'growth',
  'headroomPercent',
  'cpus',
  'databaseConnections',
  'memoryMB',
  'databaseWait',
] as const;
export type NumberName = (typeof numberNames)[number];

/** What a number may be, and in which steps it is entered. */
export interface NumberLimits {
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
}

const usual: Readonly<Record<NumberName, NumberLimits>> = {
  arrivalRate: { minimum: 1, maximum: 100_000, step: 1 },
  quantilePercent: { minimum: 1, maximum: 99.999, step: 0.001 },
  objectiveMs: { minimum: 1, maximum: 60_000, step: 1 },
  growth: { minimum: 0.5, maximum: 10, step: 0.1 },
  headroomPercent: { minimum: 0, maximum: 80, step: 1 },
  cpus: { minimum: 1, maximum: 64, step: 1 },
  databaseConnections: { minimum: 1, maximum: 10_000, step: 1 },
  memoryMB: { minimum: 100, maximum: 256_000, step: 1 },
  databaseWait: { minimum: 0.1, maximum: 10, step: 0.1 },
};

/** What each number may be: whatever the run itself has is among it. */
export function limitsOf({ objective, cpus, measured }: FittedModel): Readonly<Record<NumberName, NumberLimits>> {
  return {
    ...usual,
    arrivalRate: widened(usual.arrivalRate, Math.max(1, Math.ceil(measured.throughput.most))),
    objectiveMs: widened(usual.objectiveMs, Number((objective.responseTime * 1000).toFixed(3))),
    cpus: widened(usual.cpus, cpus),
  };
}

function widened({ minimum, maximum, step }: NumberLimits, own: number): NumberLimits {
  return {
    minimum: Math.min(minimum, own),
    maximum: Math.max(maximum, own),
    step: Number.isInteger(own / step) ? step : 0.001,
  };
}
