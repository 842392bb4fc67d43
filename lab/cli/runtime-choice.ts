import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { LoadlineError } from '../../model/errors.ts';
import { availableCpus, readText } from '../../services/cpus.ts';
import { rejectWord } from '../experiment/problems.ts';
import { fitModel } from '../plan/fit.ts';
import type { Runtime } from '../run/runtime.ts';
import { readTrials } from '../run/trials-file.ts';
import { limitVariable } from '../runtimes/compose/docker.ts';
import { findEngine, isThere } from '../runtimes/compose/engine.ts';
import { ComposeRuntime } from '../runtimes/compose/runtime.ts';
import { LocalRuntime } from '../runtimes/local/runtime.ts';
import { SimulatedRuntime } from '../runtimes/simulated/runtime.ts';
import type { ServiceModel } from '../simulation/service-model.ts';
import { type CommandContext, findRun } from './context.ts';

const names = ['compose', 'local', 'simulated'] as const;
type RuntimeName = (typeof names)[number];

export interface RuntimeOptions {
  readonly runtime?: string;
  /** CPUs of the simulated machine. */
  readonly cpus?: string;
  /** How many trials are simulated at once. */
  readonly parallel?: string;
  /** The run whose service is simulated. */
  readonly model?: string;
  /** The service to simulate, where it is known already. */
  readonly service?: ServiceModel;
}

/** Chooses the runtime that was named; without a name compose where an engine answers, otherwise local. Says which, and why. */
export async function chooseRuntime(options: RuntimeOptions, context: CommandContext): Promise<Runtime> {
  const { runtime: name } = options;
  const { root, say, signal } = context;
  if (name !== undefined && !names.some(known => known === name)) {
    throw new LoadlineError('usage', `--runtime ${rejectWord(name, names)}.`);
  }
  if (name === 'simulated') return chooseSimulated(options, context);
  for (const [option, example] of Object.entries({ cpus: '64', parallel: '2', model: 'latest' })) {
    if (options[option as keyof RuntimeOptions] === undefined) continue;
    throw new LoadlineError(
      'usage',
      `--${option} needs --runtime simulated: --runtime simulated --${option} ${example}`,
    );
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
  say(`${engine.missing} Everything runs as processes of this machine instead (./loadline check says what to do).`);
  return new LocalRuntime({ root, say });
}

function chooseSimulated({ cpus, parallel, model, service: given }: RuntimeOptions, context: CommandContext): Runtime {
  const { root, say } = context;
  checkStackVariables(root, 'simulated', say);
  const service = given ?? (model === undefined ? undefined : fitService(model, root));
  const simulated = new SimulatedRuntime({
    cpus: parseCount('--cpus', cpus),
    threads: parseCount('--parallel', parallel),
    ...(service && { model: service }),
  });
  const source = service === undefined ? '' : `, with the service of ${service.source}`;
  say(`Everything is simulated, on a machine with ${simulated.availableCpus} CPUs${source}; nothing is measured.`);
  return simulated;
}

/** As many as there are CPUs here unless a number is given. */
function parseCount(option: string, text: string | undefined): number {
  if (text === undefined) return availableCpus();
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new LoadlineError('usage', `${option} is ${text}; it must be a whole number from 1 to 9999.`);
}

/** Fits the service of a run, for a machine of any size. */
function fitService(run: string, root: string): ServiceModel {
  const { service, measured } = fitModel(readTrials(findRun(run, root).trials));
  if (measured.trials === 0) {
    throw new LoadlineError('nothing-measured', `${run} has no completed trial to fit a model to.`);
  }
  // The simulated machine has as many nginx processes as CPUs.
  const { nginxProcesses: _, ...fitted } = service;
  return fitted;
}

/** What to do in place of a variable that changes what is measured. */
const instead: Readonly<Record<string, string>> = {
  COMPOSE_PROFILES: 'name the topologies with --only, such as --only hybrid',
  PROCESSES: 'write processes into the experiment file (docs/experiments.md)',
  THREADS: 'write threadsPerProcess into the experiment file (docs/experiments.md)',
  DATABASE_CONNECTIONS: 'write databaseConnections into the experiment file (docs/experiments.md)',
  DATABASE_MAX_CONNECTIONS: 'it follows from the experiment',
};

/**
 * Checks the variables of `docker-compose.yml` that are set before a measurement: throws for those that it cannot obey,
 * and names those that it obeys or does not use.
 */
export function checkStackVariables(
  root: string,
  runtime: RuntimeName,
  say: (line: string) => void,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): void {
  const defaults = parseEnv(readText(join(root, '.env')) ?? '');
  const set = Object.keys(defaults).filter(name => environment[name] && environment[name] !== defaults[name]);
  const refusals = set.flatMap(name => {
    if (instead[name] !== undefined)
      return `${name} is set, and a comparison does not read it: unset it and ${instead[name]}`;
    if (runtime !== 'compose' && limitVariable.test(name))
      return `${name} limits containers only: unset it, or use --runtime compose`;
    return [];
  });
  if (refusals.length > 0) throw new LoadlineError('usage', `${refusals.join('\n')}.`);
  const [obeyed, others] = [true, false].map(isLimit => set.filter(name => limitVariable.test(name) === isLimit));
  if (obeyed?.length) say(`Obeyed: ${obeyed.map(name => `${name}=${environment[name]}`).join(', ')}.`);
  if (others?.length) say(`Not used by a comparison: ${others.join(', ')}.`);
}
