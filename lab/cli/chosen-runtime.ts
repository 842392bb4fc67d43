import { LoadlineError } from '../../errors/loadline-error.ts';
import { availableCpus } from '../../services/cpus.ts';
import { noneOf } from '../experiment/closest-word.ts';
import { findEngine, isThere } from '../runtime/compose/engine.ts';
import { ComposeRuntime } from '../runtime/compose/runtime.ts';
import { LocalRuntime } from '../runtime/local/runtime.ts';
import { SimulatedRuntime } from '../runtime/simulated/runtime.ts';
import type { Runtime } from '../trial/runtime.ts';
import type { CommandContext } from './context.ts';

const names = ['compose', 'local', 'simulated'] as const;

export interface RuntimeOptions {
  readonly runtime?: string;
  /** Of the machine that is simulated. */
  readonly cpus?: string;
  /** How many trials are simulated at once. */
  readonly threads?: string;
}

/** The runtime of that name; without one compose where an engine answers, otherwise local. Says which it is, and why. */
export async function chosenRuntime(options: RuntimeOptions, context: CommandContext): Promise<Runtime> {
  const { runtime: name, cpus, threads } = options;
  const { root, say, signal } = context;
  if (name !== undefined && !names.some(known => known === name)) {
    throw new LoadlineError('usage', `--runtime ${noneOf(name, names)}.`);
  }
  if (name === 'simulated') {
    const simulated = new SimulatedRuntime({
      cpus: numberOf('--cpus', cpus),
      threads: numberOf('--threads', threads),
    });
    say(`Everything is simulated, on a machine with ${simulated.availableCpus} CPUs: nothing is measured.`);
    return simulated;
  }
  if (cpus !== undefined) {
    throw new LoadlineError('usage', '--cpus is for a machine that is simulated: --runtime simulated --cpus 64.');
  }
  if (threads !== undefined) {
    throw new LoadlineError('usage', '--threads is for what is simulated: --runtime simulated --threads 2.');
  }
  if (name === 'local') {
    say('Everything runs as processes of this machine.');
    return new LocalRuntime({ root, say });
  }
  const engine = await findEngine(signal);
  if (isThere(engine)) {
    say(`Everything runs in containers of Docker Engine ${engine.version} (otherwise: --runtime local).`);
    return ComposeRuntime.on({ root, engine, say }, signal);
  }
  if (name === 'compose') {
    throw new LoadlineError(
      'engine-missing',
      `${engine.missing} See that Docker runs (or install it: https://docs.docker.com/get-docker), or measure without it: --runtime local`,
    );
  }
  say(`${engine.missing} So everything runs as processes of this machine.`);
  return new LocalRuntime({ root, say });
}

/** Without a number as many as there are CPUs here. */
function numberOf(option: string, text: string | undefined): number {
  if (text === undefined) return availableCpus();
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new LoadlineError('usage', `${option} is ${text}, not a whole number from 1 to 9999.`);
}
