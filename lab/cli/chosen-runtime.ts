import { LoadlineError } from '../../model/errors.ts';
import { availableCpus } from '../../services/cpus.ts';
import { noneOf } from '../experiment/closest-word.ts';
import { fitModel } from '../plan/fit.ts';
import type { Runtime } from '../run/runtime.ts';
import { readTrials } from '../run/trials-file.ts';
import { findEngine, isThere } from '../runtimes/compose/engine.ts';
import { ComposeRuntime } from '../runtimes/compose/runtime.ts';
import { LocalRuntime } from '../runtimes/local/runtime.ts';
import { SimulatedRuntime } from '../runtimes/simulated/runtime.ts';
import type { ServiceModel } from '../simulation/service-model.ts';
import type { CommandContext } from './context.ts';
import { findRun } from './find-run.ts';
import { checkStackVariables } from './stack-variables.ts';

const names = ['compose', 'local', 'simulated'] as const;

export interface RuntimeOptions {
  readonly runtime?: string;
  /** Of the machine that is simulated. */
  readonly cpus?: string;
  /** How many trials are simulated at once. */
  readonly threads?: string;
  /** The run whose service is simulated. */
  readonly model?: string;
  /** The service that is simulated, where it is known already. */
  readonly service?: ServiceModel;
}

/** The runtime of that name; without one compose where an engine answers, otherwise local. Says which it is, and why. */
export async function chosenRuntime(options: RuntimeOptions, context: CommandContext): Promise<Runtime> {
  const { runtime: name, cpus, threads, model } = options;
  const { root, say, signal } = context;
  if (name !== undefined && !names.some(known => known === name)) {
    throw new LoadlineError('usage', `--runtime ${noneOf(name, names)}.`);
  }
  if (name === 'simulated') {
    checkStackVariables(root, 'simulated', say);
    const service = options.service ?? (model === undefined ? undefined : fittedTo(model, root));
    const simulated = new SimulatedRuntime({
      cpus: numberOf('--cpus', cpus),
      threads: numberOf('--threads', threads),
      ...(service && { model: service }),
    });
    const like = service === undefined ? '' : `, with the service of ${service.source}`;
    say(`Everything is simulated, on a machine with ${simulated.availableCpus} CPUs${like}: nothing is measured.`);
    return simulated;
  }
  if (cpus !== undefined) {
    throw new LoadlineError('usage', '--cpus is for a machine that is simulated: --runtime simulated --cpus 64.');
  }
  if (threads !== undefined) {
    throw new LoadlineError('usage', '--threads is for what is simulated: --runtime simulated --threads 2.');
  }
  if (model !== undefined) {
    throw new LoadlineError('usage', '--model is for what is simulated: --runtime simulated --model latest.');
  }
  if (name === 'local') {
    checkStackVariables(root, 'local', say);
    say('Everything runs as processes of this machine.');
    return new LocalRuntime({ root, say });
  }
  const engine = await findEngine(signal);
  if (isThere(engine)) {
    checkStackVariables(root, 'compose', say);
    say(`Everything runs in containers of Docker Engine ${engine.version} (otherwise: --runtime local).`);
    return ComposeRuntime.on({ root, engine, say }, signal);
  }
  if (name === 'compose') {
    throw new LoadlineError(
      'engine-missing',
      `${engine.missing} ${engine.advice} To measure without containers: --runtime local`,
    );
  }
  checkStackVariables(root, 'local', say);
  say(`${engine.missing} So everything runs as processes of this machine (./loadline check says what to do).`);
  return new LocalRuntime({ root, say });
}

/** Without a number as many as there are CPUs here. */
function numberOf(option: string, text: string | undefined): number {
  if (text === undefined) return availableCpus();
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new LoadlineError('usage', `${option} is ${text}, not a whole number from 1 to 9999.`);
}

/** The service as a run shows it, on a machine of any size. */
function fittedTo(run: string, root: string): ServiceModel {
  const { service, measured } = fitModel(readTrials(findRun(run, root).trials));
  if (measured.trials === 0) {
    throw new LoadlineError('nothing-measured', `${run} has no completed trial: there is nothing to simulate by.`);
  }
  // As many as the simulated machine has CPUs.
  const { nginxProcesses: _, ...of } = service;
  return of;
}
