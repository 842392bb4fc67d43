import { signal } from '@preact/signals';
import type { FittedModel } from '../../../lab/planner/fitted-model.ts';
import { addresses, modelAddress, type RunSummary } from '../../protocol.ts';
import { Problem, problemOf } from '../problem.ts';
import { access, beginSession } from '../session.ts';
import { fitted, inputs } from './answers.ts';
import { allowedInputs } from './inputs.ts';
import { planIn } from './plan-address.ts';

/** The runs that have a model, the latest first; `undefined` until they are known. */
export const runs = signal<readonly RunSummary[] | undefined>(undefined);
/** The one that is planned with. */
export const chosenRun = signal<string | undefined>(undefined);
/** What is in the way, in a sentence. */
export const problem = signal<string | undefined>(undefined);

/** Finds the runs, and begins with the one that the address asks for, or the latest. */
export async function findRuns(): Promise<void> {
  await telling(async () => {
    await beginSession();
    if (access.value !== 'granted') return;
    const found: readonly RunSummary[] = await asked(addresses.runs);
    runs.value = found.filter(({ model }) => model);
    const { run, asked: wanted } = planIn(location.search);
    const first = run ?? runs.value[0]?.name;
    if (first !== undefined) await load(first, wanted);
  });
}

/** Plans with another run; what was asked stays, as far as it can be asked of that one. */
export function choose(run: string): Promise<void> {
  return telling(() => load(run, inputs.value ?? {}));
}

async function load(run: string, wanted: Parameters<typeof allowedInputs>[0]): Promise<void> {
  const model: FittedModel = await asked(modelAddress(run));
  if (model.schema !== 1) {
    throw new Problem(0, `The model of ${run} is of another version: ./loadline report ${run} makes it again.`);
  }
  chosenRun.value = run;
  inputs.value = undefined;
  fitted.value = model;
  inputs.value = allowedInputs(wanted, model);
}

async function asked<Body>(address: string): Promise<Body> {
  const response = await fetch(address, { headers: { accept: 'application/json' } });
  if (!response.ok) throw await problemOf(response);
  return response.json();
}

async function telling(act: () => Promise<void>): Promise<void> {
  try {
    problem.value = undefined;
    await act();
  } catch (cause) {
    problem.value = cause instanceof Problem ? cause.message : 'The dashboard cannot be reached: load the page again.';
  }
}
