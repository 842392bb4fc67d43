import { batch, signal } from '@preact/signals';
import type { FittedModel } from '../../../lab/plan/fitted-model.ts';
import { addresses, modelAddress, type RunSummary, readingAllowed } from '../../protocol.ts';
import { DashboardProblem, problemOf } from '../dashboard-problem.ts';
import { access, beginSession } from '../session.ts';
import { fitted, inputs } from './answers.ts';
import { allowedInputs, changedInputs, type PlanInputs } from './inputs.ts';
import { planIn } from './plan-address.ts';
import { readModel } from './read-model.ts';

/** The runs that have a model, the latest first; `undefined` until they are known. */
export const runs = signal<readonly RunSummary[] | undefined>(undefined);
/** The one that is planned with. */
export const chosenRun = signal<string | undefined>(undefined);
/** The one that somebody wants to plan with, until its model is there. */
export const comingRun = signal<string | undefined>(undefined);
/** What is in the way, in a sentence. */
export const problem = signal<string | undefined>(undefined);

/** Finds the runs, and begins with the one that the query asks for, or the latest; with the next where one is of no use. */
export function findRuns(query = location.search): Promise<void> {
  return only(async canceled => {
    await beginSession();
    canceled.throwIfAborted();
    if (access.value !== 'granted') return;
    const found: readonly RunSummary[] = JSON.parse(await textAt(addresses.runs, canceled));
    runs.value = found.filter(({ model }) => model);
    if (runs.value.length === 0 && found.some(({ readable }) => !readable)) {
      const command = readingAllowed('runs');
      throw new DashboardProblem(0, 'The dashboard runs as another user, who may not read the runs. Allow it:', {
        command,
      });
    }
    const { run, asked } = planIn(query);
    const names = runs.value.map(({ name }) => name);
    const inOrder = run === undefined ? names : [run, ...names.filter(name => name !== run)];
    await planWithFirst(inOrder, asked, canceled);
  });
}

/** Plans with another run; what somebody has changed stays, as far as it can be asked of that one. */
export function choose(run: string): Promise<void> {
  return only(async canceled => {
    const model = await modelOf(run, canceled);
    // What is asked by now: sliders go on moving meanwhile.
    const [before, asked] = [fitted.value, inputs.value];
    planWith(run, model, before && asked ? changedInputs(asked, before) : {});
  });
}

async function planWithFirst(
  names: readonly string[],
  asked: Partial<PlanInputs>,
  canceled: AbortSignal,
): Promise<void> {
  let inTheWay: DashboardProblem | undefined;
  for (const name of names) {
    try {
      planWith(name, await modelOf(name, canceled), asked);
      if (inTheWay !== undefined) problem.value = `${inTheWay.message} Until then the plan is made with ${name}.`;
      return;
    } catch (cause) {
      if (!(cause instanceof DashboardProblem) || cause.status === 401) throw cause;
      inTheWay ??= cause;
    }
  }
  if (inTheWay !== undefined) throw inTheWay;
}

function planWith(run: string, model: FittedModel, asked: Partial<PlanInputs>): void {
  batch(() => {
    chosenRun.value = run;
    fitted.value = model;
    inputs.value = allowedInputs(asked, model);
  });
}

async function modelOf(run: string, canceled: AbortSignal): Promise<FittedModel> {
  comingRun.value = run;
  try {
    return readModel(await textAt(modelAddress(run), canceled), run);
  } catch (cause) {
    if (!(cause instanceof DashboardProblem) || cause.status !== 404) throw cause;
    throw new DashboardProblem(404, `${run} has no model to plan with: ./loadline report ${run} makes it.`);
  }
}

async function textAt(address: string, canceled: AbortSignal): Promise<string> {
  const response = await fetch(address, { headers: { accept: 'application/json' }, signal: canceled });
  canceled.throwIfAborted();
  if (response.status === 401) access.value = 'locked';
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  canceled.throwIfAborted();
  return text;
}

let latest = new AbortController();

/** Of all that is asked only the latest counts; what is in its way is told. */
async function only(act: (canceled: AbortSignal) => Promise<void>): Promise<void> {
  latest.abort();
  latest = new AbortController();
  const { signal: canceled } = latest;
  problem.value = undefined;
  try {
    await act(canceled);
  } catch (cause) {
    // Whoever is not known is asked for the token instead.
    if (canceled.aborted || access.value === 'locked') return;
    problem.value =
      cause instanceof DashboardProblem ? told(cause) : 'The dashboard cannot be reached: load the page again.';
  } finally {
    if (!canceled.aborted) comingRun.value = undefined;
  }
}

function told({ message, command }: DashboardProblem): string {
  return command === undefined ? message : `${message} ${command}`;
}
