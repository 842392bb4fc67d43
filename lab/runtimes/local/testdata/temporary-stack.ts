import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Deployment } from '../../../../model/deployment.ts';
import { dashboardParts } from '../dashboard.ts';
import { type LocalStack, type StackOptions, startStack } from '../stack.ts';
import { stopWhenInterrupted } from './interrupted-test.ts';

/** A stack that goes with its test. */
export interface TemporaryStack extends LocalStack {
  /** What stands for its checkout. */
  readonly root: string;
}

/** A stack of a test's own, as `./loadline up --no-dashboard` starts it, in a checkout of its own that goes with it. */
export function startTemporaryStack(deployments: readonly Deployment[]): Promise<TemporaryStack> {
  return start(deployments, async () => ({}));
}

/**
 * The same with the dashboard and its k6, as `./loadline up` starts it; `page` is where browsers find it. It knows of no
 * runs but those in `runs` of its `root`.
 */
export async function startStackWithDashboard(
  deployments: readonly Deployment[],
): Promise<TemporaryStack & { readonly page: string }> {
  const stack = await start(deployments, async (root, signal) => {
    const { k6 } = await dashboardParts({ root: checkout, signal, say: () => undefined });
    return { dashboard: { k6, runs: join(root, 'runs') } };
  });
  const { page } = stack;
  if (page === undefined) throw new Error('the stack has no page');
  return { ...stack, page };
}

const checkout = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');

type Dashboard = Pick<StackOptions, 'dashboard'>;

async function start(
  deployments: readonly Deployment[],
  dashboard: (root: string, signal: AbortSignal) => Promise<Dashboard>,
): Promise<TemporaryStack> {
  const root = await mkdtemp(join(tmpdir(), 'loadline-stack-'));
  const interruption = new AbortController();
  const { signal } = interruption;
  const starting = dashboard(root, signal)
    .then(parts =>
      startStack({
        root,
        name: 'test',
        deployments,
        wellKnownPorts: false,
        measuring: false,
        accessLog: false,
        life: 'temporary',
        workerProcesses: 1,
        ...parts,
        signal,
        say: () => undefined,
      }),
    )
    .catch(async (error: unknown) => {
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
