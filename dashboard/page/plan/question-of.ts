import type { FittedModel } from '../../../lab/plan/fitted-model.ts';
import { measuredMachine, type Question } from '../../../lab/plan/question.ts';
import type { PlanInputs } from './inputs.ts';

/** The planner's question, in its units; RangeError where the run has no such workload. */
export function questionOf(inputs: PlanInputs, { workloads, objective }: FittedModel): Question {
  const workload = workloads.find(({ name }) => name === inputs.workload);
  if (workload === undefined) throw new RangeError(`the run has no workload ${inputs.workload}`);
  const { arrivalRate, growth, cpus, databaseConnections, memoryMB, databaseWait, generator, topologies } = inputs;
  return {
    arrivalRate,
    growth,
    headroom: inputs.headroomPercent / 100,
    objective: {
      ...objective,
      quantile: Number((inputs.quantilePercent / 100).toPrecision(6)),
      responseTime: inputs.objectiveMs / 1000,
    },
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
