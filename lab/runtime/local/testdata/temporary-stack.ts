import { mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '../../../../services/deployment.ts';
import { type LocalStack, startStack } from '../stack.ts';

/** A stack of a test's own, as `./loadline up` starts it, in a checkout of its own that goes with it. */
export async function startTemporaryStack(
  deployments: readonly Deployment[],
): Promise<LocalStack & { readonly root: string }> {
  const root = await mkdtemp(join(homedir(), '.loadline-test-'));
  const stack = await startStack({
    root,
    name: 'test',
    deployments,
    wellKnownPorts: false,
    measuring: false,
    accessLog: false,
    life: 'temporary',
    workerProcesses: 1,
    signal: new AbortController().signal,
    say: () => undefined,
  }).catch(async (error: unknown) => {
    await rm(root, { recursive: true });
    throw error;
  });
  const stop = async () => {
    await stack.stop();
    await rm(root, { recursive: true });
  };
  return { ...stack, root, stop };
}
