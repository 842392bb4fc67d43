import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '../../../../services/deployment.ts';
import { type LocalStack, startStack } from '../stack.ts';
import { stopWhenInterrupted } from './interrupted-test.ts';

/** A stack of a test's own, as `./loadline up` starts it, in a checkout of its own that goes with it. */
export async function startTemporaryStack(
  deployments: readonly Deployment[],
): Promise<LocalStack & { readonly root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'loadline-stack-'));
  const interruption = new AbortController();
  const starting = startStack({
    root,
    name: 'test',
    deployments,
    wellKnownPorts: false,
    measuring: false,
    accessLog: false,
    life: 'temporary',
    workerProcesses: 1,
    signal: interruption.signal,
    say: () => undefined,
  }).catch(async (error: unknown) => {
    await rm(root, { recursive: true });
    throw error;
  });
  const stop = async () => {
    await starting.then(
      stack => stack.stop(),
      () => undefined,
    );
    await rm(root, { recursive: true, force: true });
  };
  const interrupted = stopWhenInterrupted(() => {
    interruption.abort();
    return stop();
  });
  const stack = await starting;
  return { ...stack, root, stop: () => stop().finally(interrupted.stopped) };
}
