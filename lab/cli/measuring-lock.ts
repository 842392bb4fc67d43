import { realpathSync } from 'node:fs';
import { LoadlineError } from '../../model/errors.ts';
import type { Runtime } from '../run/runtime.ts';
import { type Lock, tryLock } from '../runtimes/lock.ts';

/** Held while something is measured: two measurements at once would disturb each other. Simulations do not. */
export async function lockMeasuring(root: string, runtime: Runtime['name']): Promise<Lock> {
  if (runtime === 'simulated') return nothingLocked;
  const lock = await tryLock(`measuring ${realpathSync(root)}`);
  if (lock !== undefined) return lock;
  throw new LoadlineError(
    'measurement-running',
    'Another command of this checkout is measuring, and both would disturb each other; wait for it or interrupt it.',
  );
}

/** Held while the folder of a run is written. */
export async function lockRun(path: string): Promise<Lock> {
  const lock = await tryLock(`run ${realpathSync(path)}`);
  if (lock !== undefined) return lock;
  throw new LoadlineError('run-in-use', `Another command writes ${path}; wait for it or interrupt it.`);
}

const release = async (): Promise<void> => undefined;
const nothingLocked: Lock = { release, [Symbol.asyncDispose]: release };
