import { batch, signal } from '@preact/signals';
import type { FittedModel } from '../../../lab/plan/fitted-model.ts';
import { addresses, modelAddress, type RunSummary, readingAllowed } from '../../protocol.ts';
import { access, beginSession, DashboardProblem, readProblem } from '../session.ts';
import { fitted, inputs } from './answers.ts';
import { allowedInputs, changedInputs, type PlanInputs, questionFor, readPlanQuery, usualInputs } from './inputs.ts';
import { planOrRefuse } from './planner.ts';

/** The names of the runs that have a model, the latest first. */
export const runs = signal<readonly string[] | undefined>(undefined);
export const chosenRun = signal<string | undefined>(undefined);
/** The run whose model is being loaded. */
export const loadingRun = signal<string | undefined>(undefined);
/** Why a run cannot be used. */
export const problem = signal<string | undefined>(undefined);

/** Lists the runs and chooses the one that the query asks for, or the latest; the next where a model cannot be used. */
export function findRuns(query = location.search): Promise<void> {
  return latestOnly(async canceled => {
    await beginSession();
    canceled.throwIfAborted();
    if (access.value !== 'granted') return;
    const found: readonly RunSummary[] = JSON.parse(await load(addresses.runs, canceled));
    const names = found.filter(({ model }) => model).map(({ name }) => name);
    runs.value = names;
    if (names.length === 0 && found.some(({ readable }) => !readable)) {
      const message = 'The dashboard runs as another user, who may not read the runs. Allow it:';
      throw new DashboardProblem(0, message, { command: readingAllowed('runs') });
    }
    const { run, asked } = readPlanQuery(query);
    await chooseFirst(run === undefined ? names : [run, ...names.filter(name => name !== run)], asked, canceled);
  });
}

/** Chooses another run; changed inputs stay as far as its limits allow. */
export function chooseRun(run: string): Promise<void> {
  return latestOnly(async canceled => {
    const model = await loadModel(run, canceled);
    // Sliders may have moved meanwhile.
    const [before, asked] = [fitted.value, inputs.value];
    setRun(run, model, before && asked ? changedInputs(asked, before) : {});
  });
}

async function chooseFirst(names: readonly string[], asked: Partial<PlanInputs>, canceled: AbortSignal): Promise<void> {
  let first: DashboardProblem | undefined;
  for (const name of names) {
    try {
      setRun(name, await loadModel(name, canceled), asked);
      if (first !== undefined) problem.value = `${first.message} Until then the plan uses ${name}.`;
      return;
    } catch (cause) {
      if (!(cause instanceof DashboardProblem) || cause.status === 401) throw cause;
      first ??= cause;
    }
  }
  if (first !== undefined) throw first;
}

function setRun(run: string, model: FittedModel, asked: Partial<PlanInputs>): void {
  batch(() => {
    chosenRun.value = run;
    fitted.value = model;
    inputs.value = allowedInputs(asked, model);
  });
}

async function loadModel(run: string, canceled: AbortSignal): Promise<FittedModel> {
  loadingRun.value = run;
  try {
    return parseModel(await load(modelAddress(run), canceled), run);
  } catch (cause) {
    if (!(cause instanceof DashboardProblem) || cause.status !== 404) throw cause;
    throw new DashboardProblem(404, `${run} has no model to plan with: ./loadline report ${run} makes it.`);
  }
}

const SCHEMA: FittedModel['schema'] = 2;

function parseModel(text: string, run: string): FittedModel {
  const remedy = `./loadline report ${run} makes it again.`;
  let model: FittedModel | undefined;
  try {
    model = JSON.parse(text);
    if (model?.schema === SCHEMA && isComplete(model)) return model;
  } catch {
    // As any other damage.
  }
  const isOther = typeof model?.schema === 'number' && model.schema !== SCHEMA;
  throw new DashboardProblem(0, `The model of ${run} ${isOther ? 'has another version' : 'cannot be read'}: ${remedy}`);
}

/** Whether the model answers the first question of the page. */
function isComplete(model: FittedModel): boolean {
  const question = questionFor(usualInputs(model), model);
  const { plan } = planOrRefuse({ fitted: model, question, extrapolate: true }, 'formulas');
  const { objective, cpus, noise, measured } = model;
  const numbers = [objective.quantile, objective.responseTime, cpus, noise, measured.throughput.most];
  const margins = plan?.recommendations.flatMap(({ margin, error }) => [margin, error]) ?? [];
  return [...numbers, ...margins].every(Number.isFinite) && [measured.cells, measured.assumed].every(Array.isArray);
}

async function load(address: string, canceled: AbortSignal): Promise<string> {
  const response = await fetch(address, { headers: { accept: 'application/json' }, signal: canceled });
  canceled.throwIfAborted();
  if (response.status === 401) access.value = 'locked';
  if (!response.ok) throw await readProblem(response);
  const text = await response.text();
  canceled.throwIfAborted();
  return text;
}

let latest = new AbortController();

/** Acts, cancels what was going on before, and shows a problem. */
async function latestOnly(act: (canceled: AbortSignal) => Promise<void>): Promise<void> {
  latest.abort();
  latest = new AbortController();
  const { signal: canceled } = latest;
  problem.value = undefined;
  try {
    await act(canceled);
  } catch (cause) {
    if (canceled.aborted || access.value === 'locked') return;
    const isProblem = cause instanceof DashboardProblem;
    problem.value = isProblem
      ? [cause.message, ...(cause.command === undefined ? [] : [cause.command])].join(' ')
      : 'The dashboard cannot be reached: load the page again.';
  } finally {
    if (!canceled.aborted) loadingRun.value = undefined;
  }
}
