import { LoadlineError } from '../../errors/loadline-error.ts';
import { noneOf } from '../experiment/closest-word.ts';
import { findEngine, isThere } from '../runtime/compose/engine.ts';
import { ComposeRuntime } from '../runtime/compose/runtime.ts';
import { LocalRuntime } from '../runtime/local/runtime.ts';
import type { Runtime } from '../trial/runtime.ts';
import type { CommandContext } from './context.ts';

const names = ['compose', 'local'] as const;

/** The runtime of that name; without one compose where an engine answers, otherwise local. Says which it is, and why. */
export async function chosenRuntime(name: string | undefined, context: CommandContext): Promise<Runtime> {
  const { root, say, signal } = context;
  if (name !== undefined && !names.some(known => known === name)) {
    throw new LoadlineError('usage', `--runtime ${noneOf(name, names)}.`);
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
