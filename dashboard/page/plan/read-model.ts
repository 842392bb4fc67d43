import type { FittedModel } from '../../../lab/plan/fitted-model.ts';
import { DashboardProblem } from '../dashboard-problem.ts';
import { usualInputs } from './inputs.ts';
import { planOrRefusal } from './plan-or-refusal.ts';
import { questionOf } from './question-of.ts';

/** The version of `model.json`. */
const SCHEMA: FittedModel['schema'] = 2;

/** The model in a run's file; a `Problem` where it is damaged or of another version. */
export function readModel(text: string, run: string): FittedModel {
  const read = jsonIn(text);
  const again = `./loadline report ${run} makes it again.`;
  if (typeof read.schema === 'number' && read.schema !== SCHEMA) {
    throw new DashboardProblem(0, `The model of ${run} is of another version: ${again}`);
  }
  const model = read as unknown as FittedModel;
  if (read.schema !== SCHEMA || !answers(model))
    throw new DashboardProblem(0, `The model of ${run} cannot be read: ${again}`);
  return model;
}

/** Whether the page can show what it asks first: nothing that this takes is missing. */
function answers(model: FittedModel): boolean {
  try {
    const inputs = usualInputs(model);
    const { plan } = planOrRefusal(
      { fitted: model, question: questionOf(inputs, model), extrapolate: true },
      'formulas',
    );
    const { objective, cpus, noise, measured } = model;
    const numbers = [objective.quantile, objective.responseTime, cpus, noise, measured.throughput.most];
    const margins = plan?.recommendations.flatMap(({ margin, error }) => [margin, error]) ?? [];
    return [...numbers, ...margins].every(Number.isFinite) && [measured.cells, measured.assumed].every(Array.isArray);
  } catch {
    return false;
  }
}

/** The object in a text; an empty one where there is none. */
function jsonIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null ? { ...found } : {};
  } catch {
    return {};
  }
}
