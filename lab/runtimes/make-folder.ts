import { mkdir } from 'node:fs/promises';
import { LoadlineError } from '../../model/errors.ts';

/** Makes the folder of a stack, if it is not there yet. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    const advice = 'run Loadline as the user whose checkout it is';
    throw new LoadlineError('folder-unwritable', `${path} cannot be created; ${advice}`, { cause });
  }
}
